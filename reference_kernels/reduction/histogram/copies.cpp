// kbench: task      histogram
// kbench: language  cpp
// kbench: dtype     i32
// kbench: param     COPIES    1 2 *4 8 16
// kbench: param     UNROLL    1 4 *8 16
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: buffer    copies i32[COPIES, bins] = 0
// kbench: launch    histogram(x, y, copies, int64(n), bins)
//
// Neighbouring elements count in COPIES histograms of their own: two increments of one counter would
// wait for each other through memory. The copies are added up at the end.
#include <kbench.h>

void histogram(const int32_t* x, int32_t* y, int32_t* copies, int64_t n, int bins) {
  const int64_t whole = n / UNROLL * UNROLL;
  for (int64_t i = 0; i < whole; i += UNROLL)
    for (int u = 0; u < UNROLL; ++u) ++copies[static_cast<int64_t>(u % COPIES) * bins + x[i + u]];
  for (int64_t i = whole; i < n; ++i) ++copies[x[i]];
  for (int b = 0; b < bins; ++b) {
    int32_t sum = 0;
    for (int c = 0; c < COPIES; ++c) sum += copies[static_cast<int64_t>(c) * bins + b];
    y[b] = sum;
  }
}
