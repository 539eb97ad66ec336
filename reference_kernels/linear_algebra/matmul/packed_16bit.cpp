// kbench: task        matmul
// kbench: language    cpp
// kbench: dtype       f16 bf16
// kbench: param    VEC         8 *16
// kbench: param    MR          4 6 *8 12 14
// kbench: param    NV          1 *2 3
// kbench: param    KC          96 128 *192 256 384 512 1024
// kbench: param    MC          192 384 *768 1024
// kbench: param    UNROLL      1 2 4 *8 16
// kbench: param    A_LAYOUT    0 *1
// kbench: param    PREFETCH_A  *0 8 16
// kbench: param    PREFETCH_B  0 *1
// kbench: param    PREFETCH_C  0 *1
// kbench: flags       -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: require  MR * NV <= 28
// kbench: buffer      packed_a f32[ceil_div(min(m, MC), MR) * MR * (KC + VEC)]
// kbench: buffer      packed_b f32[NV * VEC * KC]
// kbench: buffer      sums f32[m, n]
// kbench: launch      matmul_packed(a, b, c, packed_a, packed_b, sums, m, n, k)
//
// packed.cpp for 16-bit storage: packing widens to float, so the inner loop is the same, and the sums are
// rounded once at the end.
#include <kbench.h>

namespace {

constexpr int kNr = NV * VEC;
// Rows of a packed A panel lie kRow apart: KC alone, a power of two, would put them in one cache set.
constexpr int kRow = KC + VEC;
typedef float vec __attribute__((vector_size(VEC * 4), aligned(4), may_alias));

int min(int x, int y) { return x < y ? x : y; }

// Storage to float, eight or more at a time; the compilers vectorise bf16 by themselves.
inline void widen(const bf16* from, int count, float* to) {
  for (int i = 0; i < count; ++i) to[i] = from[i];
}
inline void widen(const f16* from, int count, float* to) {
  int i = 0;
#ifdef __F16C__
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(to + i,
                     _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
#endif
  for (; i < count; ++i) to[i] = from[i];
}

// kc x kNr values of B, rows of kNr; columns past `columns` and rows past kc are zero.
void pack_b(const b_t* b, int ldb, int kc, int kc_padded, int columns, float* packed) {
  for (int p = 0; p < kc; ++p) {
    const b_t* from = b + static_cast<size_t>(p) * ldb;
    float* to = packed + p * kNr;
    if (columns == kNr) {
      widen(from, kNr, to);
    } else {
      widen(from, columns, to);
      for (int x = columns; x < kNr; ++x) to[x] = 0.0f;
    }
  }
  for (int x = kc * kNr; x < kc_padded * kNr; ++x) packed[x] = 0.0f;
}

// Panels of MR rows; within one, element (i, p) lies at i * kRow + p, or at p * MR + i.
void pack_a(const a_t* a, int lda, int kc, int kc_padded, int m, float* packed) {
  for (int i0 = 0; i0 < m; i0 += MR, packed += MR * kRow) {
    for (int i = 0; i < MR; ++i) {
      const a_t* from = a + static_cast<size_t>(i0 + i) * lda;
      const int filled = i0 + i < m ? kc : 0;
      if (A_LAYOUT == 1) {
        float* to = packed + i * kRow;
        widen(from, filled, to);
        for (int p = filled; p < kc_padded; ++p) to[p] = 0.0f;
      } else {
        for (int p = 0; p < filled; ++p) packed[p * MR + i] = from[p];
        for (int p = filled; p < kc_padded; ++p) packed[p * MR + i] = 0.0f;
      }
    }
  }
}

// One MR x kNr tile of C. A full tile goes straight to C, a ragged one through `edge`.
template <bool First>
inline void tile(const float* a, const float* b, int kc, float* c, int ldc, int rows, int columns) {
  if (PREFETCH_C)
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) __builtin_prefetch(c + static_cast<size_t>(i) * ldc + v * VEC, 1);
  vec sum[MR][NV] = {};
  for (int p = 0; p < kc; p += UNROLL) {
    if (PREFETCH_A > 0) __builtin_prefetch(a + MR * (A_LAYOUT == 1 ? kRow : PREFETCH_A));
#pragma GCC unroll 16
    for (int u = 0; u < UNROLL; ++u) {
      vec column[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) column[v] = reinterpret_cast<const vec*>(b + u * kNr)[v];
#pragma GCC unroll 16
      for (int i = 0; i < MR; ++i) {
        const float x = A_LAYOUT == 1 ? a[i * kRow + u] : a[u * MR + i];
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) sum[i][v] += x * column[v];
      }
    }
    a += A_LAYOUT == 1 ? UNROLL : UNROLL * MR;
    b += UNROLL * kNr;
  }
  if (rows == MR && columns == kNr) {
#pragma GCC unroll 16
    for (int i = 0; i < MR; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        vec* to = reinterpret_cast<vec*>(c + static_cast<size_t>(i) * ldc) + v;
        *to = First ? sum[i][v] : *to + sum[i][v];
      }
    }
    return;
  }
  float edge[MR][kNr];
#pragma GCC unroll 16
  for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) reinterpret_cast<vec*>(edge[i])[v] = sum[i][v];
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) {
      float& to = c[static_cast<size_t>(i) * ldc + j];
      to = First ? edge[i][j] : to + edge[i][j];
    }
}

// Rows [row, row + count) of the next B panel, so that packing it finds them in cache: its rows are a
// page apart, which the hardware does not prefetch.
inline void prefetch_panel(const b_t* b, int ldb, int row, int count, int kc) {
  for (int p = row; p < min(row + count, kc); ++p)
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v)
      __builtin_prefetch(b + static_cast<size_t>(p) * ldb + v * VEC, 0, 2);
}

template <bool First>
void block(const float* packed_a, const b_t* b, float* packed_b, int kc, int kc_padded, float* c,
           int m, int n, int ldc) {
  const int share = (kc * MR + m - 1) / m;  // rows of the next panel to prefetch in a tile
  for (int j = 0; j < n; j += kNr) {
    pack_b(b + j, ldc, kc, kc_padded, min(kNr, n - j), packed_b);
    for (int i = 0, t = 0; i < m; i += MR, ++t) {
      if (PREFETCH_B && j + 2 * kNr <= n) prefetch_panel(b + j + kNr, ldc, t * share, share, kc);
      tile<First>(packed_a + static_cast<size_t>(i) * kRow, packed_b, kc_padded,
                  c + static_cast<size_t>(i) * ldc + j, ldc, min(MR, m - i), min(kNr, n - j));
    }
  }
}

}  // namespace

void matmul_packed(const a_t* a, const b_t* b, c_t* c, float* packed_a, float* packed_b, float* sums,
                   int m, int n, int k) {
  for (int p = 0; p < k; p += KC) {
    const int kc = min(KC, k - p);
    const int kc_padded = (kc + UNROLL - 1) / UNROLL * UNROLL;
    for (int i = 0; i < m; i += MC) {
      const int mc = min(MC, m - i);
      pack_a(a + static_cast<size_t>(i) * k + p, k, kc, kc_padded, mc, packed_a);
      const b_t* from = b + static_cast<size_t>(p) * n;
      float* to = sums + static_cast<size_t>(i) * n;
      if (p == 0)
        block<true>(packed_a, from, packed_b, kc, kc_padded, to, mc, n, n);
      else
        block<false>(packed_a, from, packed_b, kc, kc_padded, to, mc, n, n);
    }
  }
  for (int64_t x = 0; x < static_cast<int64_t>(m) * n; ++x) c[x] = c_t(k == 0 ? 0.0f : sums[x]);
}
