// kbench: task      layer_norm_backward
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 *2 4
// kbench: param     NT        0 *1
// kbench: param     AHEAD     0 *1
// kbench: buffer    sums f32[2, cols] = 0
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    layer_norm_backward(dy, x, mean, rstd, gamma, dx, sums, rows, cols)
// kbench: launch    write_weights(sums, dgamma, dbeta, cols)
//
// One reading of dy and x serves all three outputs: the first pass over a row takes its two means and adds
// to the columns' sums, the second, from cache, writes dx while the next row is fetched.
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

void layer_norm_backward(const float* dy, const float* x, const float* mean, const float* rstd,
                         const float* gamma, float* dx, float* sums, int rows, int cols) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  const bool aligned = cols % VEC == 0 && reinterpret_cast<uintptr_t>(dx) % (VEC * 4) == 0;
  float* dgamma = sums;
  float* dbeta = sums + cols;
  for (int row = 0; row < rows; ++row, dy += cols, x += cols, dx += cols) {
    const float mu = mean[row], r = rstd[row];
    vec sum[UNROLL] = {}, along[UNROLL] = {};
    for (int i = 0; i < whole; i += kStep)
      for (int u = 0; u < UNROLL; ++u) {
        const int k = i + u * VEC;
        const vec d = load(dy + k), h = (load(x + k) - mu) * r, g = d * load(gamma + k);
        sum[u] += g;
        along[u] += g * h;
        store(dgamma + k, load(dgamma + k) + d * h);
        store(dbeta + k, load(dbeta + k) + d);
      }
    for (int i = whole; i < cols; ++i) {
      const float h = (x[i] - mu) * r, g = dy[i] * gamma[i];
      sum[0][0] += g;
      along[0][0] += g * h;
      dgamma[i] += dy[i] * h;
      dbeta[i] += dy[i];
    }
    for (int u = 1; u < UNROLL; ++u) {
      sum[0] += sum[u];
      along[0] += along[u];
    }
    const float mean_g = sum_of(sum[0]) / cols, mean_along = sum_of(along[0]) / cols;
    for (int i = 0; i < whole; i += VEC) {
      if (AHEAD) {
        __builtin_prefetch(dy + cols + i);
        __builtin_prefetch(x + cols + i);
      }
      const vec h = (load(x + i) - mu) * r;
      const vec v = r * (load(dy + i) * load(gamma + i) - mean_g - h * mean_along);
      if (NT && aligned)
        stream(dx + i, v);
      else
        store(dx + i, v);
    }
    for (int i = whole; i < cols; ++i)
      dx[i] = r * (dy[i] * gamma[i] - mean_g - (x[i] - mu) * r * mean_along);
  }
  if (NT) _mm_sfence();
}

void write_weights(const float* sums, float* dgamma, float* dbeta, int cols) {
  for (int j = 0; j < cols; ++j) {
    dgamma[j] = sums[j];
    dbeta[j] = sums[cols + j];
  }
}
