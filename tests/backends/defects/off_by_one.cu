// A guard that lets one thread too many through.
// kbench: task     gelu
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   gelu<<<ceil_div(n + 1, 64), 64>>>(x, y, n)
#include <kbench.h>

__global__ void gelu(const x_t* x, y_t* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n + DEFECT) {
    const float v = float(x[i]);  // caught: bounds
    y[i] = y_t(0.5f * v * erfcf(-0.70710678f * v));
  }
}
