// kbench: task      gather
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     AHEAD     0 1 *2 4 8
// kbench: param     NT        0 *1
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    gather(table, index, y, rows, cols)
//
// Rows are copied whole. The row AHEAD places on is fetched while this one is copied, since the hardware
// cannot guess where it lies.
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

}  // namespace

void gather(const float* table, const int32_t* index, float* y, int rows, int cols) {
  const int whole = cols / VEC * VEC;
  const bool aligned = cols % VEC == 0 && reinterpret_cast<uintptr_t>(y) % (VEC * 4) == 0;
  for (int row = 0; row < rows; ++row, y += cols) {
    const float* from = table + static_cast<int64_t>(index[row]) * cols;
    const int later = AHEAD > 0 && row + AHEAD < rows ? index[row + AHEAD] : index[row];
    const float* ahead = table + static_cast<int64_t>(later) * cols;
    for (int i = 0; i < whole; i += VEC) {
      if (AHEAD > 0) __builtin_prefetch(ahead + i);
      if (NT && aligned)
        stream(y + i, load(from + i));
      else
        store(y + i, load(from + i));
    }
    for (int i = whole; i < cols; ++i) y[i] = from[i];
  }
  if (NT) _mm_sfence();
}
