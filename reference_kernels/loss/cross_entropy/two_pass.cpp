// kbench: task      cross_entropy
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 2 *4
// kbench: param     AHEAD     0 *1
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    cross_entropy(x, target, loss, rows, cols)
//
// loss = log of the sum of exponentials - the label's logit. With AHEAD the next row is fetched while the
// exponentials of this one, which leave the memory idle, are computed.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

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

// The row's maximum and the sum of its exponentials, in two passes over what is in cache.
inline void max_and_sum(const float* x, int cols, float& max, float& sum) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  vec top[UNROLL], total[UNROLL] = {};
  for (vec& t : top) t = vec{} + x[0];
  for (int i = 0; i < whole; i += kStep)
    for (int u = 0; u < UNROLL; ++u) {
      const vec v = load(x + i + u * VEC);
      top[u] = v > top[u] ? v : top[u];
    }
  for (int i = whole; i < cols; ++i) top[0][0] = x[i] > top[0][0] ? x[i] : top[0][0];
  for (int u = 1; u < UNROLL; ++u) top[0] = top[u] > top[0] ? top[u] : top[0];
  max = max_of(top[0]);
  for (int i = 0; i < whole; i += kStep)
    for (int u = 0; u < UNROLL; ++u) {
      if (AHEAD) __builtin_prefetch(x + cols + i + u * VEC);
      total[u] += exp_negative(load(x + i + u * VEC) - max);
    }
  for (int i = whole; i < cols; ++i) total[0][0] += exp_negative(vec{} + (x[i] - max))[0];
  for (int u = 1; u < UNROLL; ++u) total[0] += total[u];
  sum = sum_of(total[0]);
}

}  // namespace

void cross_entropy(const float* x, const int32_t* target, float* loss, int rows, int cols) {
  for (int row = 0; row < rows; ++row, x += cols) {
    float max, sum;
    max_and_sum(x, cols, max, sum);
    loss[row] = std::log(sum) + (max - x[target[row]]);
  }
}
