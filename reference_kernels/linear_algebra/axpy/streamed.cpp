// kbench: task      axpy
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 2 *4 8
// kbench: param     DISTANCE  0 256 *512 1024 2048
// kbench: param     HINT      0 1 2 *3
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    axpy(x, y, int64(n), alpha)
//
// One read of x, one read and write of y; the only choices are how many loads are in flight and how far
// ahead they are asked for.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

void store(float* to, vec value) { *reinterpret_cast<unaligned*>(to) = value; }

}  // namespace

void axpy(const float* x, float* y, int64_t n, float alpha) {
  constexpr int kStep = UNROLL * VEC;
  const int64_t whole = n / kStep * kStep;
  for (int64_t i = 0; i < whole; i += kStep)
    for (int u = 0; u < UNROLL; ++u) {
      const int64_t k = i + u * VEC;
      if (DISTANCE > 0) {
        __builtin_prefetch(x + k + DISTANCE, 0, HINT);
        __builtin_prefetch(y + k + DISTANCE, 1, HINT);
      }
      store(y + k, alpha * load(x + k) + load(y + k));
    }
  for (int64_t i = whole; i < n; ++i) y[i] += alpha * x[i];
}
