// One block a row, read once: every thread keeps the largest number so far and the sum of
// exponentials relative to it (Milakov and Gimelshein, arXiv:1805.02867); pairs are merged in shared
// memory.
//
// kbench: task     cross_entropy
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   loss_of_rows<BLOCK><<<rows, BLOCK>>>(x, target, loss, cols)
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
__global__ void loss_of_rows(const x_t* __restrict__ x, const int* __restrict__ target,
                             float* __restrict__ loss, int cols) {
  __shared__ Tail part[block];
  const x_t* row = x + int64_t(blockIdx.x) * cols;
  Tail mine{0.0f, 0.0f};
  for (int j = threadIdx.x; j < cols; j += block) mine = merged(mine, {float(row[j]), 1.0f});
  part[threadIdx.x] = mine;
  __syncthreads();
  for (int half = block / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) part[threadIdx.x] = merged(part[threadIdx.x], part[threadIdx.x + half]);
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    const float hit = float(row[target[blockIdx.x]]);
    loss[blockIdx.x] = (part[0].largest - hit) + logf(part[0].sum);
  }
}
