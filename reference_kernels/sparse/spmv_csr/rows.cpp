// kbench: task      spmv_csr
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     UNROLL    1 2 *4 8
// kbench: param     DISTANCE  0 *16 32 64 128
// kbench: flags     -O3 | -O2 | -O3 -ffast-math | -O3 -ffast-math -mprefer-vector-width=512
// kbench: launch    spmv_csr(row_ptr, col, val, x, y, rows)
//
// One row at a time with UNROLL partial sums; x is fetched DISTANCE nonzeros ahead, across the ends of
// rows. With -ffast-math the compiler may turn the loop into vector gathers.
#include <kbench.h>

void spmv_csr(const int32_t* row_ptr, const int32_t* col, const float* val, const float* x,
              float* y, int rows) {
  const int last = row_ptr[rows];
  for (int row = 0; row < rows; ++row) {
    const int begin = row_ptr[row], end = row_ptr[row + 1];
    float sum[UNROLL] = {};
    int i = begin;
    for (; i + UNROLL <= end; i += UNROLL)
      for (int u = 0; u < UNROLL; ++u) {
        if (DISTANCE > 0 && i + u + DISTANCE < last)
          __builtin_prefetch(x + col[i + u + DISTANCE]);
        sum[u] += val[i + u] * x[col[i + u]];
      }
    for (; i < end; ++i) sum[0] += val[i] * x[col[i]];
    for (int u = 1; u < UNROLL; ++u) sum[0] += sum[u];
    y[row] = sum[0];
  }
}
