// kbench: task      lstm
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     MR        1 2 4 *8 12
// kbench: param     NV        1 *2 4
// kbench: param     UNROLL    1 *2 4
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: require   MR * NV <= 28
// kbench: buffer    panels f32[4 * ceil_div(hidden, NV * VEC) * NV * VEC, input + hidden + 1]
// kbench: buffer    joined f32[ceil_div(batch, MR) * MR, input + hidden + 1]
// kbench: buffer    gates f32[ceil_div(batch, MR) * MR, 4 * ceil_div(hidden, NV * VEC) * NV * VEC]
// kbench: buffer    cell f32[batch, ceil_div(hidden, NV * VEC) * NV * VEC]
// kbench: prepare   pack_weights(w_in, w_hidden, bias, panels, input, hidden)
// kbench: launch    lstm(x, panels, y, c, joined, gates, cell, batch, time, input, hidden)
//
// Each step multiplies [x_t, h, 1] of MR sequences with panels of NV * VEC columns of the joined weights,
// packed once; the bias is their last row. Gates begin at whole panels, so that all vectors are full.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));
constexpr int kNr = NV * VEC, kUnroll = UNROLL;

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

vec size_of(vec x) { return (vec)((ints)x & 0x7fffffff); }

vec sigmoid(vec x) {
  const vec e = exp_negative(-size_of(x));
  return (x < 0.0f ? e : 1.0f + vec{}) / (1.0f + e);
}

// Through the exponential beyond 0.6, a fitted odd polynomial below, where 1 - e would cancel.
vec hyperbolic_tangent(vec x) {
  const vec size = size_of(x), square = x * x;
  const vec e = exp_negative(-2.0f * size);
  const vec large = (1.0f - e) / (1.0f + e);
  vec p = square * -5.74301103e-3f + 2.06714864e-2f;
  p = p * square - 5.37491200e-2f;
  p = p * square + 1.33315482e-1f;
  p = p * square - 3.33332856e-1f;
  p = x + x * square * p;
  return size < 0.6f ? p : (x < 0.0f ? -large : large);
}

// gates = joined * panel for MR sequences and kNr columns.
inline void tile(const float* joined, const float* panel, int depth, float* gates, int stride) {
  vec sum[MR][NV] = {};
#pragma GCC unroll kUnroll
  for (int p = 0; p < depth; ++p) {
    vec weight[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) weight[v] = load(panel + static_cast<int64_t>(p) * kNr + v * VEC);
#pragma GCC unroll 16
    for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) sum[i][v] += joined[static_cast<int64_t>(i) * depth + p] * weight[v];
  }
#pragma GCC unroll 16
  for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) store(gates + static_cast<int64_t>(i) * stride + v * VEC, sum[i][v]);
}

}  // namespace

void pack_weights(const float* w_in, const float* w_hidden, const float* bias, float* panels, int input,
                  int hidden) {
  for (int gate = 0; gate < 4; ++gate)
    for (int u0 = 0; u0 < hidden; u0 += kNr)
      for (int p = 0; p < input + hidden + 1; ++p)
        for (int u = u0; u < u0 + kNr; ++u) {
          const int64_t row = static_cast<int64_t>(gate) * hidden + u;
          if (u >= hidden)
            *panels++ = 0.0f;
          else if (p < input)
            *panels++ = w_in[row * input + p];
          else
            *panels++ = p < input + hidden ? w_hidden[row * hidden + (p - input)] : bias[row];
        }
}

void lstm(const float* x, const float* panels, float* y, float* c, float* joined, float* gates, float* cell,
          int batch, int time, int input, int hidden) {
  const int depth = input + hidden + 1, width = (hidden + kNr - 1) / kNr * kNr;
  const int padded = (batch + MR - 1) / MR * MR;
  std::fill(joined, joined + static_cast<int64_t>(padded) * depth, 0.0f);
  std::fill(cell, cell + static_cast<int64_t>(batch) * width, 0.0f);
  for (int b = 0; b < batch; ++b) joined[static_cast<int64_t>(b + 1) * depth - 1] = 1.0f;
  for (int t = 0; t < time; ++t) {
    for (int b = 0; b < batch; ++b) {
      const float* from = x + (static_cast<int64_t>(b) * time + t) * input;
      std::copy(from, from + input, joined + static_cast<int64_t>(b) * depth);
    }
    for (int column = 0; column < 4 * width; column += kNr)
      for (int b = 0; b < batch; b += MR)
        tile(joined + static_cast<int64_t>(b) * depth, panels + static_cast<int64_t>(column) * depth, depth,
             gates + static_cast<int64_t>(b) * 4 * width + column, 4 * width);
    for (int b = 0; b < batch; ++b) {
      const float* gate = gates + static_cast<int64_t>(b) * 4 * width;
      float* state = cell + static_cast<int64_t>(b) * width;
      float* out = y + (static_cast<int64_t>(b) * time + t) * hidden;
      for (int u = 0; u < width; u += VEC) {
        const vec next = sigmoid(load(gate + width + u)) * load(state + u) +
                         sigmoid(load(gate + u)) * hyperbolic_tangent(load(gate + 2 * width + u));
        store(state + u, next);
        const vec h = sigmoid(load(gate + 3 * width + u)) * hyperbolic_tangent(next);
        for (int k = 0; k < VEC && u + k < hidden; ++k) out[u + k] = h[k];
      }
      std::copy(out, out + hidden, joined + static_cast<int64_t>(b) * depth + input);
    }
  }
  for (int b = 0; b < batch; ++b)
    for (int u = 0; u < hidden; ++u)
      c[static_cast<int64_t>(b) * hidden + u] = cell[static_cast<int64_t>(b) * width + u];
}
