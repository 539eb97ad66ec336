// Two halves at a time.
// kbench: task     gelu
// kbench: language cuda
// kbench: dtype    f16
// kbench: launch   gelu<<<ceil_div(n, 128), 64>>>(x, y, n)
#include <cuda_fp16.h>

__device__ float gelu_of(float v) {
  return 0.5f * v * (1.0f + erff(v * 0.70710678118f));
}

__global__ void gelu(const __half* x, __half* y, int n) {
  int i = 2 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i + 1 < n) {
    __half2 v = *reinterpret_cast<const __half2*>(x + i);
    float2 f = __half22float2(v);
    *reinterpret_cast<__half2*>(y + i) = __floats2half2_rn(gelu_of(f.x), gelu_of(f.y));
  } else if (i < n) {
    y[i] = __float2half(gelu_of(__half2float(x[i])));
  }
}
