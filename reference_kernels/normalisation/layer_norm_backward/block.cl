// dx: one work-group a row, its two sums reduced in local memory. dgamma and dbeta: one item a
// column, down the rows, so that neighbours read neighbours.
//
// kbench: task     layer_norm_backward
// kbench: language opencl
// kbench: param    BLOCK   16 *64 256
// kbench: param    COLUMNS 16 *32 128
// kbench: launch   rows_of<<<rows, BLOCK>>>(dy, x, mean, rstd, gamma, dx, cols)
// kbench: launch   columns_of<<<ceil_div(cols, COLUMNS), COLUMNS>>>(dy, x, mean, rstd, dgamma, dbeta, rows, cols)
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
  barrier(CLK_LOCAL_MEM_FENCE);
  return all;
}

__kernel void rows_of(__global const dy_t* restrict dy, __global const x_t* restrict x,
                      __global const float* restrict mean, __global const float* restrict rstd,
                      __global const gamma_t* restrict gamma, __global dx_t* restrict dx,
                      int cols) {
  __local float part[BLOCK];
  const long first = (long)get_group_id(0) * cols;
  const float centre = mean[get_group_id(0)], scale = rstd[get_group_id(0)];
  float sum = 0, aligned = 0;
  for (int j = get_local_id(0); j < cols; j += BLOCK) {
    const float g = number_of(dy_t, dy[first + j]) * number_of(gamma_t, gamma[j]);
    sum += g;
    aligned += g * (number_of(x_t, x[first + j]) - centre) * scale;
  }
  const float mean_g = sum_of_group(sum, part) / cols;
  const float mean_aligned = sum_of_group(aligned, part) / cols;
  for (int j = get_local_id(0); j < cols; j += BLOCK) {
    const float g = number_of(dy_t, dy[first + j]) * number_of(gamma_t, gamma[j]);
    const float h = (number_of(x_t, x[first + j]) - centre) * scale;
    dx[first + j] = stored_as(dx_t, scale * (g - mean_g - h * mean_aligned));
  }
}

__kernel void columns_of(__global const dy_t* restrict dy, __global const x_t* restrict x,
                         __global const float* restrict mean, __global const float* restrict rstd,
                         __global dgamma_t* restrict dgamma, __global dbeta_t* restrict dbeta,
                         int rows, int cols) {
  const int j = get_global_id(0);
  if (j >= cols) return;
  float along = 0, sum = 0;
  for (int i = 0; i < rows; ++i) {
    const float g = number_of(dy_t, dy[(long)i * cols + j]);
    along += g * (number_of(x_t, x[(long)i * cols + j]) - mean[i]) * rstd[i];
    sum += g;
  }
  dgamma[j] = stored_as(dgamma_t, along);
  dbeta[j] = stored_as(dbeta_t, sum);
}
