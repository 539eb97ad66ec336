// A thread per PER elements, a block apart from each other so that a warp's reads are together.
//
// kbench: task     axpy
// kbench: language cuda hip
// kbench: param    BLOCK 128 *256 512
// kbench: param    PER 1 *2 4 8
// kbench: launch   axpy<BLOCK, PER><<<ceil_div(n, BLOCK * PER), BLOCK>>>(x, y, alpha, n)
#include <kbench.h>

template <int block, int per>
__global__ void axpy(const x_t* __restrict__ x, y_t* __restrict__ y, x_t alpha, int n) {
  for (int i = 0; i < per; ++i) {
    const int64_t at = (int64_t(blockIdx.x) * per + i) * block + threadIdx.x;
    if (at < n) y[at] = alpha * x[at] + y[at];
  }
}
