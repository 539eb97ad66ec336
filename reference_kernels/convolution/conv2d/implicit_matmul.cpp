// kbench: task        conv2d
// kbench: language    cpp
// kbench: dtype       f32
// kbench: param    VEC         8 *16
// kbench: param    MR          4 6 *8 12 14
// kbench: param    NV          1 *2 3
// kbench: param    KC          96 128 *192 288 384 512 1024
// kbench: param    MC          192 384 *768 1024
// kbench: param    UNROLL      1 2 4 *8 16
// kbench: param    A_LAYOUT    0 *1
// kbench: param    PREFETCH_A  *0 8 16
// kbench: param    PREFETCH_C  0 *1
// kbench: flags       -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: require  MR * NV <= 28
// kbench: buffer      packed_a f32[ceil_div(min(filters, MC), MR) * MR * (KC + VEC)]
// kbench: buffer      packed_b f32[NV * VEC * KC]
// kbench: launch      conv2d(x, weight, y, packed_a, packed_b, batch, channels, height, width, filters, kernel, stride, padding)
//
// Convolution as the product filters x (channels * kernel * kernel) times the unfolded image (im2col,
// Chellapilla et al., 2006), which is never stored: each panel of it is gathered when it is packed. The
// product is Goto's (matmul/packed.cpp).
#include <kbench.h>

namespace {

constexpr int kNr = NV * VEC;
// Rows of a packed A panel lie kRow apart: KC alone, a power of two, would put them in one cache set.
constexpr int kRow = KC + VEC;
typedef float vec __attribute__((vector_size(VEC * 4), aligned(4), may_alias));

int min(int x, int y) { return x < y ? x : y; }

// Where element (p, pixel) of the unfolded image lies; p counts (channel, row, column) of the kernel.
struct Image {
  const float* x;
  int channels, height, width, kernel, stride, padding, out_width;

  // Rows [first, first + kc) of the unfolded image at pixels [pixel, pixel + columns): what im2col would
  // store, gathered when it is packed. Padding, and rows and columns beyond, are zero.
  void pack(int first, int kc, int kc_padded, int pixel, int columns, float* packed) const {
    for (int p = 0; p < kc; ++p) {
      const int q = (first + p) % kernel, r = (first + p) / kernel % kernel;
      const float* plane = x + static_cast<size_t>((first + p) / kernel / kernel) * height * width;
      float* to = packed + p * kNr;
      int i = pixel / out_width, j = pixel % out_width;
      for (int filled = 0; filled < columns; ++i, j = 0) {
        const int run = min(out_width - j, columns - filled);
        row(plane, i * stride + r - padding, j * stride + q - padding, run, to + filled);
        filled += run;
      }
      for (int k = columns; k < kNr; ++k) to[k] = 0.0f;
    }
    for (int k = kc * kNr; k < kc_padded * kNr; ++k) packed[k] = 0.0f;
  }

  // `run` values of one image row from column `left` on, stride apart.
  void row(const float* plane, int line, int left, int run, float* to) const {
    if (line < 0 || line >= height) {
      for (int k = 0; k < run; ++k) to[k] = 0.0f;
      return;
    }
    const float* from = plane + static_cast<size_t>(line) * width;
    if (stride == 1 && left >= 0 && left + run <= width) {
      for (int k = 0; k < run; ++k) to[k] = from[left + k];
      return;
    }
    for (int k = 0; k < run; ++k) {
      const int at = left + k * stride;
      to[k] = at >= 0 && at < width ? from[at] : 0.0f;
    }
  }
};

// Panels of MR rows; within one, element (i, p) lies at i * kRow + p, or at p * MR + i.
void pack_a(const float* a, int lda, int kc, int kc_padded, int m, float* packed) {
  for (int i0 = 0; i0 < m; i0 += MR, packed += MR * kRow) {
    for (int i = 0; i < MR; ++i) {
      const float* from = a + static_cast<size_t>(i0 + i) * lda;
      const int filled = i0 + i < m ? kc : 0;
      if (A_LAYOUT == 1) {
        float* to = packed + i * kRow;
        for (int p = 0; p < filled; ++p) to[p] = from[p];
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

template <bool First>
void block(const float* packed_a, const Image& image, int first, float* packed_b, int kc, int kc_padded,
           float* c, int m, int n) {
  for (int j = 0; j < n; j += kNr) {
    image.pack(first, kc, kc_padded, j, min(kNr, n - j), packed_b);
    for (int i = 0; i < m; i += MR)
      tile<First>(packed_a + static_cast<size_t>(i) * kRow, packed_b, kc_padded,
                  c + static_cast<size_t>(i) * n + j, n, min(MR, m - i), min(kNr, n - j));
  }
}

}  // namespace

void conv2d(const float* x, const float* weight, float* y, float* packed_a, float* packed_b, int batch,
            int channels, int height, int width, int filters, int kernel, int stride, int padding) {
  const int out_height = (height + 2 * padding - kernel) / stride + 1;
  const int out_width = (width + 2 * padding - kernel) / stride + 1;
  const int n = out_height * out_width, k = channels * kernel * kernel;
  for (int image = 0; image < batch; ++image) {
    const Image in{x + static_cast<size_t>(image) * channels * height * width,
                   channels, height, width, kernel, stride, padding, out_width};
    for (int p = 0; p < k; p += KC) {
      const int kc = min(KC, k - p);
      const int kc_padded = (kc + UNROLL - 1) / UNROLL * UNROLL;
      for (int i = 0; i < filters; i += MC) {
        const int mc = min(MC, filters - i);
        pack_a(weight + static_cast<size_t>(i) * k + p, k, kc, kc_padded, mc, packed_a);
        float* to = y + (static_cast<size_t>(image) * filters + i) * n;
        if (p == 0)
          block<true>(packed_a, in, p, packed_b, kc, kc_padded, to, mc, n);
        else
          block<false>(packed_a, in, p, packed_b, kc, kc_padded, to, mc, n);
      }
    }
  }
}
