// kbench: task      rms_norm
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 *2 4
// kbench: param     NT        0 *1
// kbench: param     DISTANCE  0 256 *512 1024 2048
// kbench: param     HINT      1 2 *3
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    rms_norm(x, gamma, y, rows, cols, eps)
//
// The sum of squares of row r + 1 and the output of row r in one loop, so that reading and writing
// overlap. Fetches DISTANCE floats ahead; writes past the caches if NT.
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

void rms_norm(const float* x, const float* gamma, float* y, int rows, int cols, float eps) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  const bool aligned = cols % VEC == 0 && reinterpret_cast<uintptr_t>(y) % (VEC * 4) == 0;
  float scale = 0;
  for (int row = -1; row < rows; ++row) {
    const bool coming = row + 1 < rows, current = row >= 0;
    const float* next = x + static_cast<int64_t>(row + 1) * cols;
    const float* here = next - cols;
    float* out = y + static_cast<int64_t>(row) * cols;
    vec squares[UNROLL] = {};
    for (int i = 0; i < whole; i += kStep) {
      for (int u = 0; coming && u < UNROLL; ++u) {
        if (DISTANCE > 0) __builtin_prefetch(next + i + u * VEC + DISTANCE, 0, HINT);
        const vec v = load(next + i + u * VEC);
        squares[u] += v * v;
      }
      for (int u = 0; current && u < UNROLL; ++u) {
        const int k = i + u * VEC;
        const vec v = load(here + k) * scale * load(gamma + k);
        if (NT && aligned)
          stream(out + k, v);
        else
          store(out + k, v);
      }
    }
    for (int i = whole; i < cols; ++i) {
      if (coming) squares[0][0] += next[i] * next[i];
      if (current) out[i] = here[i] * scale * gamma[i];
    }
    for (int u = 1; u < UNROLL; ++u) squares[0] += squares[u];
    scale = 1.0f / std::sqrt(sum_of(squares[0]) / cols + eps);
  }
  if (NT) _mm_sfence();
}
