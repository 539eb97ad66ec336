// Four elements at once from an address that is not a multiple of sixteen.
// kbench: task     gelu
// kbench: dtype    f32
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   gelu<<<ceil_div(n, 64), 64>>>(x, y, n)
#include <kbench.h>

__global__ void gelu(const x_t* x, y_t* y, int n) {
  const int i = 4 * (blockIdx.x * 64 + threadIdx.x);
  float v[4] = {0, 0, 0, 0};
  if (i + 4 < n) {
    const float4 all = *reinterpret_cast<const float4*>(x + i + DEFECT);  // caught: bounds
    v[0] = all.x, v[1] = all.y, v[2] = all.z, v[3] = all.w;
  } else {
    for (int j = 0; j < 4 && i + j < n; ++j) v[j] = x[i + j];
  }
  for (int j = 0; j < 4 && i + j < n; ++j) y[i + j] = 0.5f * v[j] * erfcf(-0.70710678f * v[j]);
}
