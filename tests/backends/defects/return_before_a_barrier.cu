// Threads without work leave while the others wait for them.
// kbench: task     gelu
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   gelu<<<ceil_div(n, 64), 64>>>(x, y, n)
#include <kbench.h>

__global__ void gelu(const x_t* x, y_t* y, int n) {
  __shared__ float part[64];
  const int i = blockIdx.x * 64 + threadIdx.x;
  if (DEFECT && i >= n) return;
  part[threadIdx.x] = i < n ? float(x[i]) : 0;
  __syncthreads();  // caught: divergent_barrier
  const float v = part[threadIdx.x];
  if (i < n) y[i] = y_t(0.5f * v * erfcf(-0.70710678f * v));
}
