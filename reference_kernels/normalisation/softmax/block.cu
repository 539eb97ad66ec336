// One block a row: the row's maximum, then the sum of exponentials, then the quotients.
//
// kbench: task     softmax
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   softmax<BLOCK><<<rows, BLOCK>>>(x, y, cols)
#include <kbench.h>

template <int block, class Combine>
__device__ float over_the_block(float mine, float* part, Combine combine) {
  part[threadIdx.x] = mine;
  __syncthreads();
  for (int half = block / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) part[threadIdx.x] = combine(part[threadIdx.x], part[threadIdx.x + half]);
    __syncthreads();
  }
  const float all = part[0];
  __syncthreads();  // the next use may not overtake this read
  return all;
}

template <int block>
__global__ void softmax(const x_t* __restrict__ x, y_t* __restrict__ y, int cols) {
  __shared__ float part[block];
  const x_t* row = x + int64_t(blockIdx.x) * cols;
  y_t* result = y + int64_t(blockIdx.x) * cols;
  float largest = -INFINITY, sum = 0;
  for (int i = threadIdx.x; i < cols; i += block) largest = fmaxf(largest, float(row[i]));
  largest = over_the_block<block>(largest, part, [](float a, float b) { return fmaxf(a, b); });
  for (int i = threadIdx.x; i < cols; i += block) sum += expf(float(row[i]) - largest);
  sum = over_the_block<block>(sum, part, [](float a, float b) { return a + b; });
  for (int i = threadIdx.x; i < cols; i += block) {
    result[i] = y_t(expf(float(row[i]) - largest) / sum);
  }
}
