// A thread per PER elements, a block apart.
//
// kbench: task     gelu
// kbench: language cuda hip
// kbench: param    BLOCK 128 *256 512
// kbench: param    PER 1 *2 4 8
// kbench: launch   gelu<BLOCK, PER><<<ceil_div(n, BLOCK * PER), BLOCK>>>(x, y, n)
#include <kbench.h>

template <int block, int per>
__global__ void gelu(const x_t* __restrict__ x, y_t* __restrict__ y, int n) {
  for (int i = 0; i < per; ++i) {
    const int64_t at = (int64_t(blockIdx.x) * per + i) * block + threadIdx.x;
    if (at >= n) return;
    const float v = float(x[at]);
    // erfc keeps the digits that 1 + erf loses where v is far below zero.
    y[at] = y_t(0.5f * v * erfcf(-0.70710678118654752f * v));
  }
}
