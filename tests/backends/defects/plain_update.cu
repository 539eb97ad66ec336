// Counting without an atomic operation.
// kbench: task     histogram
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: zero     y
// kbench: launch   histogram<<<ceil_div(n, 64), 64>>>(x, y, n)
#include <kbench.h>

__global__ void histogram(const x_t* x, y_t* y, int n) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  if (i >= n) return;
#if DEFECT
  y[x[i]] += 1;  // caught: race
#else
  atomicAdd(&y[x[i]], 1);
#endif
}
