// A guard that a kernel sets for itself.
// kbench: task     gelu
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   gelu<<<ceil_div(n, 64), 64>>>(x, y, n)
#include <kbench.h>

__global__ void gelu(const x_t* x, y_t* y, int n) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  if (DEFECT && i >= n) __trap();  // caught: assert
  if (i >= n) return;
  const float v = float(x[i]);
  y[i] = y_t(0.5f * v * erfcf(-0.70710678f * v));
}
