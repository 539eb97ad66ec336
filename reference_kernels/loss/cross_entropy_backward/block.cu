// One block a row: the largest number and the sum of exponentials in one pass, the gradient in the
// second.
//
// kbench: task     cross_entropy_backward
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   gradient_of_rows<BLOCK><<<rows, BLOCK>>>(x, target, dloss, dx, cols)
#include <kbench.h>

struct Tail {
  float largest, sum;
};

__device__ Tail merged(Tail a, Tail b) {
  if (b.sum == 0.0f) return a;
  if (a.sum == 0.0f) return b;
  const float largest = fmaxf(a.largest, b.largest);
  return {largest, a.sum * expf(a.largest - largest) + b.sum * expf(b.largest - largest)};
}

template <int block>
__global__ void gradient_of_rows(const x_t* __restrict__ x, const int* __restrict__ target,
                                 const float* __restrict__ dloss, dx_t* __restrict__ dx, int cols) {
  __shared__ Tail part[block];
  const int64_t first = int64_t(blockIdx.x) * cols;
  Tail mine{0.0f, 0.0f};
  for (int j = threadIdx.x; j < cols; j += block) mine = merged(mine, {float(x[first + j]), 1.0f});
  part[threadIdx.x] = mine;
  __syncthreads();
  for (int half = block / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) part[threadIdx.x] = merged(part[threadIdx.x], part[threadIdx.x + half]);
    __syncthreads();
  }
  const Tail all = part[0];
  const int hit = target[blockIdx.x];
  const float scale = dloss[blockIdx.x];
  for (int j = threadIdx.x; j < cols; j += block) {
    const float share = expf(float(x[first + j]) - all.largest) / all.sum;
    dx[first + j] = dx_t((share - (j == hit ? 1.0f : 0.0f)) * scale);
  }
}
