// A thread's own array has one place too few.
// kbench: task     gelu
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   gelu<<<ceil_div(n, 256), 64>>>(x, y, n)
#include <kbench.h>

__global__ void gelu(const x_t* x, y_t* y, int n) {
  float mine[4 - DEFECT];
  const int first = blockIdx.x * 256 + threadIdx.x;
  for (int part = 0; part < 4; ++part) {
    const int i = first + part * 64;
    if (i < n) mine[part] = float(x[i]);  // caught: bounds
  }
  for (int part = 0; part < 4; ++part) {
    const int i = first + part * 64;
    const float v = i < n ? mine[part] : 0;
    if (i < n) y[i] = y_t(0.5f * v * erfcf(-0.70710678f * v));
  }
}
