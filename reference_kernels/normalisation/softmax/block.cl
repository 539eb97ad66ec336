// One work-group a row: the row's maximum, then the sum of exponentials, then the quotients.
//
// kbench: task     softmax
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: flags    -cl-std=CL1.2 | -cl-mad-enable | -cl-fast-relaxed-math
// kbench: launch   softmax<<<rows, BLOCK>>>(x, y, cols)
#include <kbench.h>

// Of all numbers of the group the largest or the sum.
static float over_the_group(float mine, __local float* part, bool largest) {
  const int me = get_local_id(0);
  part[me] = mine;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_of = BLOCK / 2; half_of > 0; half_of /= 2) {
    if (me < half_of) {
      const float other = part[me + half_of];
      part[me] = largest ? fmax(part[me], other) : part[me] + other;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float all = part[0];
  barrier(CLK_LOCAL_MEM_FENCE);  // the next use may not overtake this read
  return all;
}

__kernel void softmax(__global const x_t* restrict x, __global y_t* restrict y, int cols) {
  __local float part[BLOCK];
  const long first = (long)get_group_id(0) * cols;
  float largest = -FLT_MAX, sum = 0;
  for (int i = get_local_id(0); i < cols; i += BLOCK) {
    largest = fmax(largest, number_of(x_t, x[first + i]));
  }
  largest = over_the_group(largest, part, true);
  for (int i = get_local_id(0); i < cols; i += BLOCK) {
    sum += exp(number_of(x_t, x[first + i]) - largest);
  }
  sum = over_the_group(sum, part, false);
  for (int i = get_local_id(0); i < cols; i += BLOCK) {
    y[first + i] = stored_as(y_t, exp(number_of(x_t, x[first + i]) - largest) / sum);
  }
}
