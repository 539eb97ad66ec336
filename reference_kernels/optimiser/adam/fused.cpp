// kbench: task      adam
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 *2 4
// kbench: param     DISTANCE  0 256 *512 1024
// kbench: param     HINT      0 *3
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    adam(g, p, m, v, int64(n), lr, beta1, beta2, eps, correction1, correction2)
//
// Both moments and the parameter in one pass: four streams read, three of them written back. Divisions by
// the corrections become multiplications; the square root and the last division stay exact.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

void store(float* to, vec value) { *reinterpret_cast<unaligned*>(to) = value; }

vec square_root(vec v) {
#ifdef __AVX512F__
  if (VEC == 16) {
    const __m512 root = _mm512_sqrt_ps(*reinterpret_cast<__m512*>(&v));
    return *reinterpret_cast<const vec*>(&root);
  }
#endif
  for (int half = 0; half < VEC; half += 8) {
    float* part = reinterpret_cast<float*>(&v) + half;
    _mm256_store_ps(part, _mm256_sqrt_ps(_mm256_load_ps(part)));
  }
  return v;
}

}  // namespace

void adam(const float* g, float* p, float* m, float* v, int64_t n, float lr, float beta1, float beta2,
          float eps, float correction1, float correction2) {
  constexpr int kStep = UNROLL * VEC;
  const float rate = lr / correction1, scale = 1.0f / correction2;
  const int64_t whole = n / kStep * kStep;
  for (int64_t i = 0; i < whole; i += kStep)
    for (int u = 0; u < UNROLL; ++u) {
      const int64_t k = i + u * VEC;
      if (DISTANCE > 0) {
        __builtin_prefetch(g + k + DISTANCE, 0, HINT);
        __builtin_prefetch(p + k + DISTANCE, 1, HINT);
        __builtin_prefetch(m + k + DISTANCE, 1, HINT);
        __builtin_prefetch(v + k + DISTANCE, 1, HINT);
      }
      const vec grad = load(g + k);
      const vec first = beta1 * load(m + k) + (1.0f - beta1) * grad;
      const vec second = beta2 * load(v + k) + (1.0f - beta2) * grad * grad;
      store(m + k, first);
      store(v + k, second);
      store(p + k, load(p + k) - rate * first / (square_root(second * scale) + eps));
    }
  for (int64_t i = whole; i < n; ++i) {
    m[i] = beta1 * m[i] + (1.0f - beta1) * g[i];
    v[i] = beta2 * v[i] + (1.0f - beta2) * g[i] * g[i];
    p[i] -= rate * m[i] / (std::sqrt(v[i] * scale) + eps);
  }
}
