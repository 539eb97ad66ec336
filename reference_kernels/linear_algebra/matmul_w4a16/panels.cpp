// kbench: task      matmul_w4a16
// kbench: language  cpp
// kbench: param     VEC       8 *16
// kbench: param     MR        1 2 4 8 *16
// kbench: param     NV        *1 2 4
// kbench: param     UNROLL    1 *2 4
// kbench: param     PREFETCH  0 *8 16 32
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: require   MR * NV * 2 <= 32
// kbench: buffer    panels u8[ceil_div(n, NV * VEC) * NV * VEC * (k / 2)]
// kbench: buffer    steps f32[ceil_div(n, NV * VEC) * NV * VEC * (k / group)]
// kbench: buffer    rows f32[ceil_div(m, MR) * MR * k]
// kbench: prepare   pack_weights(w, scales, panels, steps, n, k, group)
// kbench: launch    matmul_w4a16(a, c, panels, steps, rows, m, n, k, group)
//
// Weights stay four bits wide until they are in registers: a panel holds the bytes of NV * VEC columns side
// by side, so that one load and two masks give two rows of B (after MARLIN, Frantar et al., 2024). A
// group's products are summed first and meet its scale once.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));
typedef uint8_t bytes __attribute__((vector_size(VEC), aligned(1), may_alias));
constexpr int kNr = NV * VEC, kUnroll = UNROLL;

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

void store(float* to, vec value) { *reinterpret_cast<unaligned*>(to) = value; }

// MR rows by kNr columns of C.
inline void tile(const float* a, const uint8_t* panel, const float* steps, int k, int group,
                 float (*c)[kNr]) {
  vec sum[MR][NV] = {};
  for (int p0 = 0; p0 < k; p0 += group, steps += kNr) {
    vec part[MR][NV] = {};
#pragma GCC unroll kUnroll
    for (int p = p0; p < p0 + group; p += 2, panel += kNr) {
      if (PREFETCH > 0) __builtin_prefetch(panel + PREFETCH * kNr);
      vec even[NV], odd[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        const ints pair = __builtin_convertvector(*reinterpret_cast<const bytes*>(panel + v * VEC), ints);
        even[v] = __builtin_convertvector((pair & 15) - 8, vec);
        odd[v] = __builtin_convertvector((pair >> 4) - 8, vec);
      }
#pragma GCC unroll 16
      for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) {
          part[i][v] += a[static_cast<int64_t>(i) * k + p] * even[v];
          part[i][v] += a[static_cast<int64_t>(i) * k + p + 1] * odd[v];
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) sum[i][v] += part[i][v] * load(steps + v * VEC);
  }
#pragma GCC unroll 16
  for (int i = 0; i < MR; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) store(c[i] + v * VEC, sum[i][v]);
}

}  // namespace

void pack_weights(const uint8_t* w, const scales_t* scales, uint8_t* panels, float* steps, int n, int k,
                  int group) {
  for (int j0 = 0; j0 < n; j0 += kNr) {
    for (int p = 0; p < k / 2; ++p)
      for (int j = j0; j < j0 + kNr; ++j)
        *panels++ = j < n ? w[static_cast<int64_t>(j) * (k / 2) + p] : 0x88;  // two zeros
    for (int g = 0; g < k / group; ++g)
      for (int j = j0; j < j0 + kNr; ++j)
        *steps++ = j < n ? float(scales[static_cast<int64_t>(j) * (k / group) + g]) : 0.0f;
  }
}

void matmul_w4a16(const a_t* a, c_t* c, const uint8_t* panels, const float* steps, float* rows, int m,
                  int n, int k, int group) {
  const int padded = (m + MR - 1) / MR * MR;
  for (int64_t x = 0; x < static_cast<int64_t>(padded) * k; ++x)
    rows[x] = x < static_cast<int64_t>(m) * k ? float(a[x]) : 0.0f;
  for (int j = 0; j < n; j += kNr)
    for (int i = 0; i < m; i += MR) {
      float block[MR][kNr];
      tile(rows + static_cast<int64_t>(i) * k, panels + static_cast<int64_t>(j) * (k / 2),
           steps + static_cast<int64_t>(j) * (k / group), k, group, block);
      for (int r = i; r < std::min(i + MR, m); ++r)
        for (int q = j; q < std::min(j + kNr, n); ++q)
          c[static_cast<int64_t>(r) * n + q] = c_t(block[r - i][q - j]);
    }
}
