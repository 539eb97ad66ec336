// An item per PER elements: one pass over gradient, parameter and both moments.
//
// kbench: task     adam
// kbench: language opencl
// kbench: param    BLOCK 64 *256 1024
// kbench: param    PER 1 *4 16
// kbench: launch   adam<<<ceil_div(n, BLOCK * PER), BLOCK>>>(g, p, m, v, lr, beta1, beta2, eps, correction1, correction2, n)
#include <kbench.h>

__kernel void adam(__global const g_t* restrict g, __global p_t* restrict p,
                   __global m_t* restrict m, __global v_t* restrict v, float lr, float beta1,
                   float beta2, float eps, float correction1, float correction2, int n) {
  for (int each = 0; each < PER; ++each) {
    const long i = ((long)get_group_id(0) * PER + each) * BLOCK + get_local_id(0);
    if (i >= n) return;
    const float gradient = number_of(g_t, g[i]);
    const float first = beta1 * m[i] + (1 - beta1) * gradient;
    const float second = beta2 * v[i] + (1 - beta2) * gradient * gradient;
    m[i] = first;
    v[i] = second;
    const float step = first / correction1 / (sqrt(second / correction2) + eps);
    p[i] = stored_as(p_t, number_of(p_t, p[i]) - lr * step);
  }
}
