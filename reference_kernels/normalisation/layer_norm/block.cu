// One block a row: the mean, then the variance around it, then the scaled and shifted row. Two
// passes, so that a large mean costs no digits.
//
// kbench: task     layer_norm
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   layer_norm<BLOCK><<<rows, BLOCK>>>(x, gamma, beta, y, eps, cols)
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
  __syncthreads();  // the next use may not overtake this read
  return all;
}

template <int block>
__global__ void layer_norm(const x_t* __restrict__ x, const gamma_t* __restrict__ gamma,
                           const beta_t* __restrict__ beta, y_t* __restrict__ y, float eps,
                           int cols) {
  __shared__ float part[block];
  const x_t* row = x + int64_t(blockIdx.x) * cols;
  float sum = 0, squares = 0;
  for (int i = threadIdx.x; i < cols; i += block) sum += float(row[i]);
  const float mean = sum_of_block<block>(sum, part) / cols;
  for (int i = threadIdx.x; i < cols; i += block) {
    squares += (float(row[i]) - mean) * (float(row[i]) - mean);
  }
  const float scale = 1.0f / sqrtf(sum_of_block<block>(squares, part) / cols + eps);
  for (int i = threadIdx.x; i < cols; i += block) {
    const float normal = (float(row[i]) - mean) * scale;
    y[int64_t(blockIdx.x) * cols + i] = y_t(normal * float(gamma[i]) + float(beta[i]));
  }
}
