// Each thread also writes the element of its neighbour, with the same value.
// kbench: task     gelu
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   gelu<<<ceil_div(n, 64), 64>>>(x, y, n)
#include <kbench.h>

__device__ float smooth(float v) {
  return 0.5f * v * erfcf(-0.70710678f * v);
}

__global__ void gelu(const x_t* x, y_t* y, int n) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  if (i < n) y[i] = y_t(smooth(float(x[i])));  // caught: race
  if (DEFECT && threadIdx.x < 63 && i + 1 < n) y[i + 1] = y_t(smooth(float(x[i + 1])));
}
