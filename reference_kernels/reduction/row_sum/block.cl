// One work-group a row: items stride over the columns, then halve what is left in local memory.
//
// kbench: task     row_sum
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: launch   row_sum<<<rows, BLOCK>>>(x, y, cols, local(BLOCK * 4))
#include <kbench.h>

__kernel void row_sum(__global const x_t* restrict x, __global y_t* restrict y, int cols,
                      __local float* part) {
  const int me = get_local_id(0);
  __global const x_t* row = x + (long)get_group_id(0) * cols;
  float sum = 0;
  for (int i = me; i < cols; i += BLOCK) sum += number_of(x_t, row[i]);
  part[me] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_of = BLOCK / 2; half_of > 0; half_of /= 2) {
    if (me < half_of) part[me] += part[me + half_of];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (me == 0) y[get_group_id(0)] = stored_as(y_t, part[0]);
}
