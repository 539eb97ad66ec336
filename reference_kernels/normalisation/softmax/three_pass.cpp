// kbench: task     softmax
// kbench: language cpp
// kbench: dtype    f32
// kbench: param    VEC       8 *16
// kbench: param    UNROLL    1 2 *4
// kbench: param    NT        0 *1
// kbench: param    SCRATCH   0 *1
// kbench: param    AHEAD     0 1 *2 4
// kbench: flags    -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: require  NT <= SCRATCH
// kbench: buffer   scratch f32[cols]
// kbench: launch   softmax(x, y, scratch, rows, cols)
//
// Maximum, exponentials with their sum, scaling: three passes over a row that stays in cache. With
// SCRATCH the exponentials wait in a buffer, so that y is written once, past the caches if NT. The
// row to come is fetched during the second pass, the one that leaves the memory idle.
#include <immintrin.h>
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));
constexpr float kLowest = -3.402823466e38f;

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

vec load_part(const float* from, int count, float rest) {
  vec part;
  for (int i = 0; i < VEC; ++i) part[i] = i < count ? from[i] : rest;
  return part;
}

void store(float* to, vec value) { *reinterpret_cast<unaligned*>(to) = value; }

void stream(float* to, vec value) {
#ifdef __AVX512F__
  if (VEC == 16) return _mm512_stream_ps(to, *reinterpret_cast<__m512*>(&value));
#endif
  for (int half = 0; half < VEC; half += 8)
    _mm256_stream_ps(to + half, *reinterpret_cast<__m256*>(reinterpret_cast<float*>(&value) + half));
}

// e^x for x <= 0 within 1 ulp: x = n ln 2 + r, |r| <= ln 2 / 2, and a polynomial for e^r fitted to
// the least largest relative error. Zero where the result would be subnormal.
vec exp_negative(vec x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const vec t = x * 1.44269504f + kRound;
  const vec n = t - kRound;
  const vec r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  vec p = r * 1.38131445e-3f + 8.36941883e-3f;
  p = p * r + 4.16684568e-2f;
  p = p * r + 1.66665148e-1f;
  p = p * r + 4.99999931e-1f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const ints bits = (ints)p + ((ints)t << 23);
  return x > -87.3f ? (vec)bits : vec{};
}

float max_of(vec v) {
  float best = v[0];
  for (int i = 1; i < VEC; ++i) best = v[i] > best ? v[i] : best;
  return best;
}

float sum_of(vec v) {
  float sum = 0;
  for (int i = 0; i < VEC; ++i) sum += v[i];
  return sum;
}

}  // namespace

void softmax(const float* x, float* y, float* scratch, int rows, int cols) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  for (int row = 0; row < rows; ++row, x += cols, y += cols) {
    vec top[UNROLL];
    for (vec& t : top) t = vec{} + kLowest;
    for (int i = 0; i < whole; i += kStep)
      for (int u = 0; u < UNROLL; ++u) {
        const vec v = load(x + i + u * VEC);
        top[u] = v > top[u] ? v : top[u];
      }
    for (int i = whole; i < cols; i += VEC) {
      const vec v = load_part(x + i, cols - i, kLowest);
      top[0] = v > top[0] ? v : top[0];
    }
    for (int u = 1; u < UNROLL; ++u) top[0] = top[u] > top[0] ? top[u] : top[0];
    const float max = max_of(top[0]);

    float* exps = SCRATCH ? scratch : y;
    const float* ahead = AHEAD > 0 && row + AHEAD < rows ? x + static_cast<size_t>(AHEAD) * cols : x;
    vec sum[UNROLL] = {};
    for (int i = 0; i < whole; i += kStep)
      for (int u = 0; u < UNROLL; ++u) {
        if (AHEAD > 0) __builtin_prefetch(ahead + i + u * VEC);
        const vec e = exp_negative(load(x + i + u * VEC) - max);
        store(exps + i + u * VEC, e);
        sum[u] += e;
      }
    for (int i = whole; i < cols; i += VEC) {
      const vec e = exp_negative(load_part(x + i, cols - i, kLowest) - max);
      for (int k = 0; k < VEC && i + k < cols; ++k) exps[i + k] = e[k];
      sum[0] += e;
    }
    for (int u = 1; u < UNROLL; ++u) sum[0] += sum[u];
    const float scale = 1.0f / sum_of(sum[0]);

    const bool aligned = reinterpret_cast<uintptr_t>(y) % (VEC * 4) == 0;
    if (NT && aligned) {
      for (int i = 0; i < whole; i += VEC) stream(y + i, load(exps + i) * scale);
    } else {
      for (int i = 0; i < whole; i += VEC) store(y + i, load(exps + i) * scale);
    }
    for (int i = whole; i < cols; ++i) y[i] = exps[i] * scale;
  }
  if (NT) _mm_sfence();
}
