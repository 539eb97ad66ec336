// kbench: task      row_sum
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 2 4 *8
// kbench: param     DISTANCE  0 256 *512 1024 2048
// kbench: param     HINT      0 1 2 *3
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    row_sum(x, y, rows, cols)
//
// UNROLL vectors of partial sums hide the latency of the additions; the fetch runs on into the next row.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

float sum_of(vec v) {
  float sum = 0;
  for (int i = 0; i < VEC; ++i) sum += v[i];
  return sum;
}

}  // namespace

void row_sum(const float* x, float* y, int rows, int cols) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  for (int row = 0; row < rows; ++row, x += cols) {
    vec sum[UNROLL] = {};
    for (int i = 0; i < whole; i += kStep)
      for (int u = 0; u < UNROLL; ++u) {
        if (DISTANCE > 0) __builtin_prefetch(x + i + u * VEC + DISTANCE, 0, HINT);
        sum[u] += load(x + i + u * VEC);
      }
    for (int i = whole; i < cols; ++i) sum[0][i % VEC] += x[i];
    for (int u = 1; u < UNROLL; ++u) sum[0] += sum[u];
    y[row] = sum_of(sum[0]);
  }
}
