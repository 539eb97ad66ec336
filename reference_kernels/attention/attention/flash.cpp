// kbench: task      attention
// kbench: language  cpp
// kbench: param     VEC       8 *16
// kbench: param     MR        4 6 *8 12
// kbench: param     NV        1 *2 4
// kbench: param     DV        1 *2 4
// kbench: param     BQ        24 *48 96 192
// kbench: param     BK        64 *128 256 512
// kbench: param     UNROLL    1 *4 8
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: require   MR * NV <= 28 && MR * DV <= 28
// kbench: require   BQ % MR == 0
// kbench: buffer    keys f32[ceil_div(seq, BK) * BK * d]
// kbench: buffer    mix f32[seq, ceil_div(d, DV * VEC) * DV * VEC]
// kbench: buffer    queries f32[BQ, d]
// kbench: buffer    scores f32[MR, BK]
// kbench: buffer    sums f32[BQ, ceil_div(d, DV * VEC) * DV * VEC]
// kbench: buffer    state f32[2, BQ]
// kbench: launch    attention(q, k, v, o, keys, mix, queries, scores, sums, state, batch * heads, seq, d)
//
// FlashAttention (Dao et al., 2022) on a CPU: MR queries meet BK keys at a time; their scores never leave
// the first-level cache, and the running maximum, sum and output of each query are corrected when the
// maximum moves. Keys are repacked once a head into panels that score NV * VEC of them in registers.
// Blocks above the diagonal are never touched.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));
constexpr int kNr = NV * VEC;
constexpr int kWide = DV * VEC;
constexpr float kLowest = -3.402823466e38f;

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

void store(float* to, vec value) { *reinterpret_cast<unaligned*>(to) = value; }

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

// Key j, element p at (j / kNr * d + p) * kNr + j % kNr; zero past the last key.
void pack_keys(const k_t* k, int seq, int d, float* keys) {
  for (int j0 = 0; j0 < seq; j0 += kNr, keys += kNr * d)
    for (int j = 0; j < kNr; ++j)
      for (int p = 0; p < d; ++p)
        keys[p * kNr + j] = j0 + j < seq ? float(k[static_cast<size_t>(j0 + j) * d + p]) : 0.0f;
}

// Values in rows of `width`, zero past d.
void pack_values(const v_t* v, int seq, int d, int width, float* mix) {
  for (int j = 0; j < seq; ++j, v += d, mix += width) {
    for (int p = 0; p < d; ++p) mix[p] = v[p];
    for (int p = d; p < width; ++p) mix[p] = 0.0f;
  }
}

// Scores of MR queries with kNr keys.
inline void score(const float* queries, const float* keys, int d, float* scores) {
  vec sum[MR][NV] = {};
  for (int p = 0; p < d; ++p) {
    vec key[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) key[v] = load(keys + p * kNr + v * VEC);
#pragma GCC unroll 16
    for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) sum[i][v] += queries[i * d + p] * key[v];
  }
#pragma GCC unroll 16
  for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) store(scores + i * BK + v * VEC, sum[i][v]);
}

// One query's scores against `count` keys become probabilities; returns what its earlier sums shrink by.
inline float soften(float* scores, int count, int visible, float& max, float& total) {
  vec top = vec{} + max;
  for (int j = visible; j < count; ++j) scores[j] = kLowest;
  for (int j = 0; j < count; j += VEC) {
    const vec s = load(scores + j);
    top = s > top ? s : top;
  }
  const float largest = max_of(top);
  vec sum = {};
  for (int j = 0; j < count; j += VEC) {
    const vec p = exp_negative(load(scores + j) - largest);
    store(scores + j, p);
    sum += p;
  }
  const float shrink = exp_negative(vec{} + (max - largest))[0];
  max = largest;
  total = total * shrink + sum_of(sum);
  return shrink;
}

// sums[i] = shrink[i] * sums[i] + probabilities[i] * values, kWide columns of MR queries.
inline void mix_in(const float* scores, const float* shrink, const float* values, int keys, int width,
                   float* sums) {
  vec sum[MR][DV];
#pragma GCC unroll 16
  for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < DV; ++v) sum[i][v] = load(sums + i * width + v * VEC) * shrink[i];
  int j = 0;
  const auto step = [&](int at) __attribute__((always_inline)) {
    vec value[DV];
#pragma GCC unroll 4
    for (int v = 0; v < DV; ++v) value[v] = load(values + static_cast<size_t>(at) * width + v * VEC);
#pragma GCC unroll 16
    for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < DV; ++v) sum[i][v] += scores[i * BK + at] * value[v];
  };
  for (; j + UNROLL <= keys; j += UNROLL)
#pragma GCC unroll 8
    for (int u = 0; u < UNROLL; ++u) step(j + u);
  for (; j < keys; ++j) step(j);
#pragma GCC unroll 16
  for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < DV; ++v) store(sums + i * width + v * VEC, sum[i][v]);
}

}  // namespace

void attention(const q_t* q, const k_t* k, const v_t* v, o_t* o, float* keys, float* mix, float* queries,
               float* scores, float* sums, float* state, int heads, int seq, int d) {
  const int width = (d + kWide - 1) / kWide * kWide;
  const float scale = 1.0f / std::sqrt(float(d));
  float* max = state;
  float* total = state + BQ;
  const size_t head_size = static_cast<size_t>(seq) * d;
  for (int head = 0; head < heads; ++head, q += head_size, k += head_size, v += head_size, o += head_size) {
    pack_keys(k, seq, d, keys);
    pack_values(v, seq, d, width, mix);
    for (int q0 = 0; q0 < seq; q0 += BQ) {
      const int rows = std::min(BQ, seq - q0);
      for (int i = 0; i < BQ * d; ++i)
        queries[i] = i < rows * d ? q[static_cast<size_t>(q0) * d + i] * scale : 0.0f;
      for (int i = 0; i < BQ; ++i) max[i] = kLowest, total[i] = 0.0f;
      for (int i = 0; i < BQ * width; ++i) sums[i] = 0.0f;
      for (int j0 = 0; j0 < q0 + rows; j0 += BK)
        for (int i0 = 0; i0 < rows; i0 += MR) {
          const int count = std::min({BK, q0 + i0 + MR - j0, seq - j0});
          if (count <= 0) continue;
          for (int j = 0; j < count; j += kNr)
            score(queries + i0 * d, keys + static_cast<size_t>(j0 + j) * d, d, scores + j);
          float shrink[MR];
          for (int i = 0; i < MR; ++i) {
            const int visible = std::clamp(q0 + i0 + i + 1 - j0, 0, count);
            shrink[i] = soften(scores + i * BK, (count + VEC - 1) / VEC * VEC, visible, max[i0 + i],
                               total[i0 + i]);
          }
          for (int p = 0; p < width; p += kWide)
            mix_in(scores, shrink, mix + static_cast<size_t>(j0) * width + p, count, width,
                   sums + i0 * width + p);
        }
      for (int i = 0; i < rows; ++i)
        for (int p = 0; p < d; ++p)
          o[static_cast<size_t>(q0 + i) * d + p] = o_t(sums[i * width + p] * (1.0f / total[i]));
    }
  }
}
