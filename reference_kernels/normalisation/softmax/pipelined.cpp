// kbench: task     softmax
// kbench: language cpp
// kbench: dtype    f32
// kbench: param    VEC       8 *16
// kbench: param    UNROLL    1 *2 4
// kbench: param    NT        0 *1
// kbench: param    DISTANCE  0 256 *512 1024 2048
// kbench: param    HINT      0 1 2 *3
// kbench: flags    -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: buffer   exps f32[cols]
// kbench: launch   softmax(x, y, exps, rows, cols)
//
// The three passes of softmax, each on a row of its own and all in one loop: the maximum of row r + 1,
// the exponentials of row r, the scaling of row r - 1. Reading, arithmetic and writing overlap, which
// they do not when a pass runs alone. Fetches DISTANCE floats ahead; writes past the caches if NT.
#include <immintrin.h>
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));
constexpr float kLowest = -3.402823466e38f;

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

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

void softmax(const float* x, float* y, float* exps, int rows, int cols) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  const bool aligned = cols % VEC == 0 && reinterpret_cast<uintptr_t>(y) % (VEC * 4) == 0;
  float max = 0, scale = 0;
  for (int row = -1; row <= rows; ++row) {
    const bool coming = row + 1 < rows, current = row >= 0 && row < rows, done = row >= 1;
    const float* next = x + static_cast<size_t>(row + 1) * cols;
    const float* here = next - cols;
    float* out = y + static_cast<size_t>(row - 1) * cols;
    vec top[UNROLL], sum[UNROLL] = {};
    for (vec& t : top) t = vec{} + kLowest;
    for (int i = 0; i < whole; i += kStep) {
      for (int u = 0; coming && u < UNROLL; ++u) {
        if (DISTANCE > 0) __builtin_prefetch(next + i + u * VEC + DISTANCE, 0, HINT);
        const vec v = load(next + i + u * VEC);
        top[u] = v > top[u] ? v : top[u];
      }
      for (int u = 0; done && u < UNROLL; ++u) {
        const vec v = load(exps + i + u * VEC) * scale;
        if (NT && aligned)
          stream(out + i + u * VEC, v);
        else
          store(out + i + u * VEC, v);
      }
      for (int u = 0; current && u < UNROLL; ++u) {
        const vec e = exp_negative(load(here + i + u * VEC) - max);
        store(exps + i + u * VEC, e);
        sum[u] += e;
      }
    }
    for (int i = whole; i < cols; ++i) {
      if (coming) top[0][0] = next[i] > top[0][0] ? next[i] : top[0][0];
      if (done) out[i] = exps[i] * scale;
      if (current) sum[0][0] += exps[i] = exp_negative(vec{} + (here[i] - max))[0];
    }
    for (int u = 1; u < UNROLL; ++u) {
      top[0] = top[u] > top[0] ? top[u] : top[0];
      sum[0] += sum[u];
    }
    max = max_of(top[0]);
    scale = 1.0f / sum_of(sum[0]);
  }
  if (NT) _mm_sfence();
}
