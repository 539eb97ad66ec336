// One block a row: the mean square in shared memory, then the scaled row.
//
// kbench: task     rms_norm
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   rms_norm<BLOCK><<<rows, BLOCK>>>(x, gamma, y, eps, cols)
#include <kbench.h>

template <int block>
__global__ void rms_norm(const x_t* __restrict__ x, const gamma_t* __restrict__ gamma,
                         y_t* __restrict__ y, float eps, int cols) {
  __shared__ float part[block];
  const x_t* row = x + int64_t(blockIdx.x) * cols;
  float sum = 0;
  for (int i = threadIdx.x; i < cols; i += block) sum += float(row[i]) * float(row[i]);
  part[threadIdx.x] = sum;
  __syncthreads();
  for (int half = block / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
    __syncthreads();
  }
  const float scale = 1.0f / sqrtf(part[0] / cols + eps);
  for (int i = threadIdx.x; i < cols; i += block) {
    y[int64_t(blockIdx.x) * cols + i] = y_t(float(row[i]) * scale * float(gamma[i]));
  }
}
