// A thread per element: one pass over gradient, parameter and both moments.
//
// kbench: task     adam
// kbench: language cuda hip
// kbench: param    BLOCK 128 *256 512
// kbench: launch   adam<<<ceil_div(n, BLOCK), BLOCK>>>(g, p, m, v, lr, beta1, beta2, eps, correction1, correction2, n)
#include <kbench.h>

__global__ void adam(const g_t* __restrict__ g, p_t* __restrict__ p, m_t* __restrict__ m,
                     v_t* __restrict__ v, float lr, float beta1, float beta2, float eps,
                     float correction1, float correction2, int n) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float gradient = float(g[i]);
  const float first = beta1 * m[i] + (1 - beta1) * gradient;
  const float second = beta2 * v[i] + (1 - beta2) * gradient * gradient;
  m[i] = first;
  v[i] = second;
  const float step = first / correction1 / (sqrtf(second / correction2) + eps);
  p[i] = p_t(float(p[i]) - lr * step);
}
