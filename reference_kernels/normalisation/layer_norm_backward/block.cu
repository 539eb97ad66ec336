// dx: one block a row, its two sums reduced in shared memory. dgamma and dbeta: one thread a column,
// down the rows, so that neighbours read neighbours.
//
// kbench: task     layer_norm_backward
// kbench: language cuda hip
// kbench: param    BLOCK   64 128 *256
// kbench: param    COLUMNS *32 64 128
// kbench: launch   rows_of<BLOCK><<<rows, BLOCK>>>(dy, x, mean, rstd, gamma, dx, cols)
// kbench: launch   columns_of<<<ceil_div(cols, COLUMNS), COLUMNS>>>(dy, x, mean, rstd, dgamma, dbeta, rows, cols)
#include <kbench.h>

template <int block>
__device__ float sum_of_block(float mine, float* part) {
  part[threadIdx.x] = mine;
  __syncthreads();
  for (int half = block / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
    __syncthreads();
  }
  const float all = part[0];
  __syncthreads();
  return all;
}

template <int block>
__global__ void rows_of(const dy_t* __restrict__ dy, const x_t* __restrict__ x,
                        const float* __restrict__ mean, const float* __restrict__ rstd,
                        const gamma_t* __restrict__ gamma, dx_t* __restrict__ dx, int cols) {
  __shared__ float part[block];
  const int64_t first = int64_t(blockIdx.x) * cols;
  const float centre = mean[blockIdx.x], scale = rstd[blockIdx.x];
  float sum = 0, aligned = 0;
  for (int j = threadIdx.x; j < cols; j += block) {
    const float g = float(dy[first + j]) * float(gamma[j]);
    sum += g;
    aligned += g * (float(x[first + j]) - centre) * scale;
  }
  const float mean_g = sum_of_block<block>(sum, part) / cols;
  const float mean_aligned = sum_of_block<block>(aligned, part) / cols;
  for (int j = threadIdx.x; j < cols; j += block) {
    const float g = float(dy[first + j]) * float(gamma[j]);
    const float h = (float(x[first + j]) - centre) * scale;
    dx[first + j] = dx_t(scale * (g - mean_g - h * mean_aligned));
  }
}

__global__ void columns_of(const dy_t* __restrict__ dy, const x_t* __restrict__ x,
                           const float* __restrict__ mean, const float* __restrict__ rstd,
                           dgamma_t* __restrict__ dgamma, dbeta_t* __restrict__ dbeta, int rows,
                           int cols) {
  const int j = blockIdx.x * blockDim.x + threadIdx.x;
  if (j >= cols) return;
  float along = 0, sum = 0;
  for (int i = 0; i < rows; ++i) {
    const float g = float(dy[int64_t(i) * cols + j]);
    along += g * (float(x[int64_t(i) * cols + j]) - mean[i]) * rstd[i];
    sum += g;
  }
  dgamma[j] = dgamma_t(along);
  dbeta[j] = dbeta_t(sum);
}
