// kbench: task      transpose
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     ROWS      1 *2 4 8
// kbench: param     COLS      1 2 4 *8 16
// kbench: param     NT        0 *1
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    transpose(x, y, rows, cols)
//
// Squares of VEC x VEC floats are turned in registers by log2(VEC) rounds of pairwise exchanges. A block
// of ROWS x COLS squares is done before the next, so that each page of x and y is used while it is known
// to the TLB. Ragged edges are copied one by one.
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

// Element j of the result: from `a` where bit Bit of j is 0, else from `b`, Bit places lower.
template <int Bit, int... J>
vec low_half(vec a, vec b, std::integer_sequence<int, J...>) {
  return __builtin_shufflevector(a, b, ((J & Bit) ? VEC + J - Bit : J)...);
}
template <int Bit, int... J>
vec high_half(vec a, vec b, std::integer_sequence<int, J...>) {
  return __builtin_shufflevector(a, b, ((J & Bit) ? VEC + J : J + Bit)...);
}

// Exchanges the off-diagonal quarters of every 2 Bit x 2 Bit square.
template <int Bit>
inline void exchange(vec* v) {
  constexpr std::make_integer_sequence<int, VEC> lanes;
#pragma GCC unroll 16
  for (int i = 0; i < VEC; ++i)
    if (!(i & Bit)) {
      const vec a = v[i], b = v[i + Bit];
      v[i] = low_half<Bit>(a, b, lanes);
      v[i + Bit] = high_half<Bit>(a, b, lanes);
    }
}

inline void square(const float* x, int64_t cols, float* y, int64_t rows, bool aligned) {
  vec v[VEC];
#pragma GCC unroll 16
  for (int i = 0; i < VEC; ++i) v[i] = load(x + i * cols);
  exchange<1>(v);
  exchange<2>(v);
  exchange<4>(v);
  if constexpr (VEC == 16) exchange<8>(v);
#pragma GCC unroll 16
  for (int i = 0; i < VEC; ++i) {
    if (NT && aligned)
      stream(y + i * rows, v[i]);
    else
      store(y + i * rows, v[i]);
  }
}

}  // namespace

void transpose(const float* x, float* y, int rows, int cols) {
  const bool aligned = rows % VEC == 0 && reinterpret_cast<uintptr_t>(y) % (VEC * 4) == 0;
  const int whole_rows = rows / VEC * VEC, whole_cols = cols / VEC * VEC;
  for (int r0 = 0; r0 < whole_rows; r0 += ROWS * VEC)
    for (int c0 = 0; c0 < whole_cols; c0 += COLS * VEC)
      for (int c = c0; c < std::min(c0 + COLS * VEC, whole_cols); c += VEC)
        for (int r = r0; r < std::min(r0 + ROWS * VEC, whole_rows); r += VEC)
          square(x + static_cast<int64_t>(r) * cols + c, cols, y + static_cast<int64_t>(c) * rows + r,
                 rows, aligned);
  for (int r = 0; r < rows; ++r)
    for (int c = r < whole_rows ? whole_cols : 0; c < cols; ++c)
      y[static_cast<int64_t>(c) * rows + r] = x[static_cast<int64_t>(r) * cols + c];
  if (NT) _mm_sfence();
}
