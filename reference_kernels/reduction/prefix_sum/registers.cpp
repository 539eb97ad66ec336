// kbench: task      prefix_sum
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 2 *4
// kbench: param     NT        0 *1
// kbench: param     DISTANCE  0 256 *512 1024
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    prefix_sum(x, y, rows, cols)
//
// Hillis and Steele's scan inside a vector: log2(VEC) shifted additions. UNROLL vectors are scanned
// independently, so that only one addition an element of the chain waits for the carry.
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

template <int By, int... J>
vec plus_shifted(vec v, std::integer_sequence<int, J...>) {
  return v + __builtin_shufflevector(vec{}, v, (VEC + J - By)...);
}

vec scan(vec v) {
  constexpr std::make_integer_sequence<int, VEC> lanes;
  v = plus_shifted<1>(v, lanes);
  v = plus_shifted<2>(v, lanes);
  v = plus_shifted<4>(v, lanes);
  if constexpr (VEC == 16) v = plus_shifted<8>(v, lanes);
  return v;
}

}  // namespace

void prefix_sum(const float* x, float* y, int rows, int cols) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  const bool aligned = cols % VEC == 0 && reinterpret_cast<uintptr_t>(y) % (VEC * 4) == 0;
  for (int row = 0; row < rows; ++row, x += cols, y += cols) {
    float carry = 0;
    for (int i = 0; i < whole; i += kStep) {
      vec part[UNROLL];
      for (int u = 0; u < UNROLL; ++u) {
        if (DISTANCE > 0) __builtin_prefetch(x + i + u * VEC + DISTANCE);
        part[u] = scan(load(x + i + u * VEC));
      }
      for (int u = 0; u < UNROLL; ++u) {
        const vec sum = part[u] + carry;
        carry += part[u][VEC - 1];
        if (NT && aligned)
          stream(y + i + u * VEC, sum);
        else
          store(y + i + u * VEC, sum);
      }
    }
    for (int i = whole; i < cols; ++i) y[i] = carry += x[i];
  }
  if (NT) _mm_sfence();
}
