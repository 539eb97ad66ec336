// Half a warp votes here, the other half there, each for all.
// kbench: task     gelu
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   gelu<<<ceil_div(n, 64), 64>>>(x, y, n)
#include <kbench.h>

__global__ void gelu(const x_t* x, y_t* y, int n) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  const float v = i < n ? float(x[i]) : 0;
  bool large = false;
  if (!DEFECT || threadIdx.x % 32 < 16) {
    large = __any_sync(0xffffffff, v > 3);  // caught: warp_mask
  } else {
    large = __any_sync(0xffffffff, v > 3);
  }
  if (i < n) y[i] = y_t(large && v > 6 ? v : 0.5f * v * erfcf(-0.70710678f * v));
}
