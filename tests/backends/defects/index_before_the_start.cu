// A halo of one element that the first thread reads too.
// kbench: task     gelu
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   gelu<<<ceil_div(n, 64), 64>>>(x, y, n)
#include <kbench.h>

__global__ void gelu(const x_t* x, y_t* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float left = 0;
  if (DEFECT || i > 0) left = float(x[i - 1]);  // caught: bounds
  const float v = left > 1e30f ? left : float(x[i]);
  y[i] = y_t(0.5f * v * erfcf(-0.70710678f * v));
}
