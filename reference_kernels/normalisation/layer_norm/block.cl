// One work-group a row: the mean, then the variance around it, then the scaled and shifted row. Two
// passes, so that a large mean costs no digits.
//
// kbench: task     layer_norm
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: launch   layer_norm<<<rows, BLOCK>>>(x, gamma, beta, y, eps, cols)
#include <kbench.h>

static float sum_of_group(float mine, __local float* part) {
  const int me = get_local_id(0);
  part[me] = mine;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_of = BLOCK / 2; half_of > 0; half_of /= 2) {
    if (me < half_of) part[me] += part[me + half_of];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float all = part[0];
  barrier(CLK_LOCAL_MEM_FENCE);  // the next use may not overtake this read
  return all;
}

__kernel void layer_norm(__global const x_t* restrict x, __global const gamma_t* restrict gamma,
                         __global const beta_t* restrict beta, __global y_t* restrict y, float eps,
                         int cols) {
  __local float part[BLOCK];
  const long first = (long)get_group_id(0) * cols;
  float sum = 0, squares = 0;
  for (int i = get_local_id(0); i < cols; i += BLOCK) sum += number_of(x_t, x[first + i]);
  const float mean = sum_of_group(sum, part) / cols;
  for (int i = get_local_id(0); i < cols; i += BLOCK) {
    const float off = number_of(x_t, x[first + i]) - mean;
    squares += off * off;
  }
  const float scale = 1.0f / sqrt(sum_of_group(squares, part) / cols + eps);
  for (int i = get_local_id(0); i < cols; i += BLOCK) {
    const float normal = (number_of(x_t, x[first + i]) - mean) * scale;
    y[first + i] =
        stored_as(y_t, normal * number_of(gamma_t, gamma[i]) + number_of(beta_t, beta[i]));
  }
}
