// One work-group a row: every item keeps its largest element with its place, then pairs are compared
// in local memory.
//
// kbench: task     argmax
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: launch   argmax<<<rows, BLOCK>>>(x, y, cols)
#include <kbench.h>

__kernel void argmax(__global const x_t* restrict x, __global y_t* restrict y, int cols) {
  __local float values[BLOCK];
  __local int places[BLOCK];
  __global const x_t* row = x + (long)get_group_id(0) * cols;
  const int me = get_local_id(0);
  float best = -INFINITY;
  int place = 0;
  for (int i = me; i < cols; i += BLOCK) {
    const float value = number_of(x_t, row[i]);
    if (value > best) {
      best = value;
      place = i;
    }
  }
  values[me] = best;
  places[me] = place;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_of = BLOCK / 2; half_of > 0; half_of /= 2) {
    if (me < half_of && values[me + half_of] > values[me]) {
      values[me] = values[me + half_of];
      places[me] = places[me + half_of];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (me == 0) y[get_group_id(0)] = places[0];
}
