// kbench: task      gelu
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 2 *4 8
// kbench: param     NT        0 *1
// kbench: param     DISTANCE  0 256 *512 1024 2048
// kbench: param     HINT      1 2 *3
// kbench: param     NEWTON    0 *1
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    gelu(x, y, int64(n))
//
// gelu(x) = max(x, 0) - |x| erfc(|x| / sqrt 2) / 2, and erfc(z) / 2 = e^(-z^2) P(1 / (1 + 0.4 z)): the
// form of Abramowitz and Stegun 7.1.26 with P of degree 9 fitted to the least largest relative error.
// No branches, 31 instructions a vector; past memory bandwidth only because each was counted. NEWTON
// replaces the division by the hardware's estimate and Newton steps.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

void store(float* to, vec value) { *reinterpret_cast<unaligned*>(to) = value; }

// Past the caches; `to` is aligned to the vector.
void stream(float* to, vec value) {
#ifdef __AVX512F__
  if (VEC == 16) return _mm512_stream_ps(to, *reinterpret_cast<__m512*>(&value));
#endif
  for (int half = 0; half < VEC; half += 8)
    _mm256_stream_ps(to + half, *reinterpret_cast<__m256*>(reinterpret_cast<float*>(&value) + half));
}

vec reciprocal(vec v) {
  if (!NEWTON) return 1.0f / v;
  vec r;
#ifdef __AVX512F__
  if (VEC == 16) {
    *reinterpret_cast<__m512*>(&r) = _mm512_rcp14_ps(*reinterpret_cast<__m512*>(&v));
    return r + r * (1.0f - v * r);
  }
#endif
  for (int half = 0; half < VEC; half += 8) {
    float* to = reinterpret_cast<float*>(&r) + half;
    const float* from = reinterpret_cast<float*>(&v) + half;
    _mm256_store_ps(to, _mm256_rcp_ps(_mm256_load_ps(from)));
  }
  r = r + r * (1.0f - v * r);  // the estimate has 12 bits here, 14 above
  return r + r * (1.0f - v * r);
}

vec activate(vec x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  constexpr float kScale = -0.721347520f;  // -log2(e) / 2
  vec size = (vec)((ints)x & 0x7fffffff);
  size = size < 13.0f ? size : 13.0f + vec{};  // beyond, e^(-x^2 / 2) is under the smallest float

  const vec t = reciprocal(size * 0.282842712f + 1.0f);
  vec p = t * 1.30930336e-2f - 3.06454043e-2f;
  p = p * t - 4.74570131e-2f;
  p = p * t + 1.58429270e-1f;
  p = p * t - 5.11201012e-2f;
  p = p * t + 1.43226228e-1f;
  p = p * t + 8.56727366e-2f;
  p = p * t + 1.16319128e-1f;
  p = p * t + 1.12465055e-1f;
  p = p * t + 1.70807145e-5f;

  const vec square = size * size;
  const vec shifted = square * kScale + kRound;
  const vec r = square * kScale - (shifted - kRound);  // 2^r for |r| <= 1/2, then the exponent
  vec e = r * 1.32641809e-3f + 9.67193871e-3f;
  e = e * r + 5.55073892e-2f;
  e = e * r + 2.40222356e-1f;
  e = e * r + 6.93146973e-1f;
  e = e * r + 1.0f;
  e = (vec)((ints)e + ((ints)shifted << 23));

  return (x > 0.0f ? x : vec{}) - (size * e) * p;
}

}  // namespace

void gelu(const float* x, float* y, int64_t n) {
  constexpr int kStep = UNROLL * VEC;
  const int64_t whole = n / kStep * kStep;
  const bool aligned = reinterpret_cast<uintptr_t>(y) % (VEC * 4) == 0;
  for (int64_t i = 0; i < whole; i += kStep)
    for (int u = 0; u < UNROLL; ++u) {
      if (DISTANCE > 0) __builtin_prefetch(x + i + u * VEC + DISTANCE, 0, HINT);
      const vec v = activate(load(x + i + u * VEC));
      if (NT && aligned)
        stream(y + i + u * VEC, v);
      else
        store(y + i + u * VEC, v);
    }
  for (int64_t i = whole; i < n; ++i) y[i] = activate(vec{} + x[i])[0];
  if (NT) _mm_sfence();
}
