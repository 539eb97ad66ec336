// Every block counts WINDOW bins at a time in shared memory and adds what it found to the result.
//
// kbench: task     histogram
// kbench: language cuda hip
// kbench: param    BLOCK 128 *256 512
// kbench: param    PER 4 *16 64
// kbench: param    WINDOW 1024 *4096 8192
// kbench: zero     y
// kbench: launch   histogram<BLOCK, PER, WINDOW><<<ceil_div(n, BLOCK * PER), BLOCK>>>(x, y, n, bins)
#include <kbench.h>

template <int block, int per, int window>
__global__ void histogram(const x_t* __restrict__ x, y_t* __restrict__ y, int n, int bins) {
  __shared__ int counts[window];
  const int64_t begin = int64_t(blockIdx.x) * block * per;
  for (int first = 0; first < bins; first += window) {
    for (int i = threadIdx.x; i < window; i += block) counts[i] = 0;
    __syncthreads();
    for (int i = 0; i < per; ++i) {
      const int64_t at = begin + i * block + threadIdx.x;
      if (at >= n) break;
      const int bin = x[at] - first;
      if (bin >= 0 && bin < window) atomicAdd(&counts[bin], 1);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < window && first + i < bins; i += block) {
      if (counts[i] != 0) atomicAdd(&y[first + i], counts[i]);
    }
    __syncthreads();
  }
}
