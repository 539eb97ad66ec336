// One work-group a row: the mean square in local memory, then the scaled row.
//
// kbench: task     rms_norm
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: launch   rms_norm<<<rows, BLOCK>>>(x, gamma, y, eps, cols)
#include <kbench.h>

__kernel void rms_norm(__global const x_t* restrict x, __global const gamma_t* restrict gamma,
                       __global y_t* restrict y, float eps, int cols) {
  __local float part[BLOCK];
  const int me = get_local_id(0);
  const long first = (long)get_group_id(0) * cols;
  float sum = 0;
  for (int i = me; i < cols; i += BLOCK) {
    const float value = number_of(x_t, x[first + i]);
    sum += value * value;
  }
  part[me] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_of = BLOCK / 2; half_of > 0; half_of /= 2) {
    if (me < half_of) part[me] += part[me + half_of];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float scale = 1.0f / sqrt(part[0] / cols + eps);
  for (int i = me; i < cols; i += BLOCK) {
    y[first + i] =
        stored_as(y_t, number_of(x_t, x[first + i]) * scale * number_of(gamma_t, gamma[i]));
  }
}
