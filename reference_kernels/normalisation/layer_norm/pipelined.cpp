// kbench: task      layer_norm
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 *2 4
// kbench: param     NT        0 *1
// kbench: param     DISTANCE  0 256 *512 1024 2048
// kbench: param     HINT      1 2 *3
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    layer_norm(x, gamma, beta, y, rows, cols, eps)
//
// Mean, variance about that mean, normalisation: each pass on a row of its own and all three in one
// loop (the sum of row r + 1, the squares of row r, the output of row r - 1), so that reading,
// arithmetic and writing overlap. Fetches DISTANCE floats ahead; writes past the caches if NT.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));

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

float sum_of(vec v) {
  float sum = 0;
  for (int i = 0; i < VEC; ++i) sum += v[i];
  return sum;
}

}  // namespace

void layer_norm(const float* x, const float* gamma, const float* beta, float* y, int rows, int cols,
                float eps) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  const bool aligned = cols % VEC == 0 && reinterpret_cast<uintptr_t>(y) % (VEC * 4) == 0;
  float mean = 0, out_mean = 0, rstd = 0;
  for (int row = -1; row <= rows; ++row) {
    const bool coming = row + 1 < rows, current = row >= 0 && row < rows, done = row >= 1;
    const float* next = x + static_cast<int64_t>(row + 1) * cols;
    const float* here = next - cols;
    const float* last = here - cols;
    float* out = y + static_cast<int64_t>(row - 1) * cols;
    vec sum[UNROLL] = {}, squares[UNROLL] = {};
    for (int i = 0; i < whole; i += kStep) {
      for (int u = 0; coming && u < UNROLL; ++u) {
        if (DISTANCE > 0) __builtin_prefetch(next + i + u * VEC + DISTANCE, 0, HINT);
        sum[u] += load(next + i + u * VEC);
      }
      for (int u = 0; current && u < UNROLL; ++u) {
        const vec d = load(here + i + u * VEC) - mean;
        squares[u] += d * d;
      }
      for (int u = 0; done && u < UNROLL; ++u) {
        const int k = i + u * VEC;
        const vec v = (load(last + k) - out_mean) * rstd * load(gamma + k) + load(beta + k);
        if (NT && aligned)
          stream(out + k, v);
        else
          store(out + k, v);
      }
    }
    for (int i = whole; i < cols; ++i) {
      if (coming) sum[0][0] += next[i];
      if (current) squares[0][0] += (here[i] - mean) * (here[i] - mean);
      if (done) out[i] = (last[i] - out_mean) * rstd * gamma[i] + beta[i];
    }
    for (int u = 1; u < UNROLL; ++u) {
      sum[0] += sum[u];
      squares[0] += squares[u];
    }
    out_mean = mean;
    rstd = 1.0f / std::sqrt(sum_of(squares[0]) / cols + eps);
    mean = sum_of(sum[0]) / cols;
  }
  if (NT) _mm_sfence();
}
