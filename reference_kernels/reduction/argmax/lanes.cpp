// kbench: task      argmax
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 2 *4
// kbench: param     DISTANCE  0 256 *512 1024
// kbench: param     HINT      0 *3
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    argmax(x, y, rows, cols)
//
// Every lane keeps its largest value and where it was; a strict comparison keeps the first of equals,
// and so does the final choice among lanes.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

}  // namespace

void argmax(const float* x, int32_t* y, int rows, int cols) {
  constexpr int kStep = UNROLL * VEC;
  const int whole = cols / kStep * kStep;
  ints lane;
  for (int i = 0; i < VEC; ++i) lane[i] = i;
  for (int row = 0; row < rows; ++row, x += cols) {
    int best = 0;
    if (whole > 0) {
      vec top[UNROLL];
      ints at[UNROLL];
      for (int u = 0; u < UNROLL; ++u) {
        top[u] = load(x + u * VEC);
        at[u] = lane + u * VEC;
      }
      for (int i = kStep; i < whole; i += kStep)
        for (int u = 0; u < UNROLL; ++u) {
          if (DISTANCE > 0) __builtin_prefetch(x + i + u * VEC + DISTANCE, 0, HINT);
          const vec v = load(x + i + u * VEC);
          const ints more = v > top[u];
          top[u] = more ? v : top[u];
          at[u] = more ? lane + (i + u * VEC) : at[u];
        }
      best = at[0][0];
      for (int u = 0; u < UNROLL; ++u)
        for (int k = 0; k < VEC; ++k)
          if (top[u][k] > x[best] || (top[u][k] == x[best] && at[u][k] < best)) best = at[u][k];
    }
    for (int i = whole; i < cols; ++i)
      if (x[i] > x[best]) best = i;
    y[row] = best;
  }
}
