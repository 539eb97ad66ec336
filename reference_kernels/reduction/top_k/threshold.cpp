// kbench: task      top_k
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     VEC       8 *16
// kbench: param     UNROLL    1 2 *4 8
// kbench: param     DISTANCE  0 256 *512 1024
// kbench: flags     -O3 | -O2 | -O3 -mprefer-vector-width=512
// kbench: launch    top_k(x, values, indices, rows, cols, k)
//
// The k best so far stay sorted in the output itself. UNROLL vectors at a time are compared with the
// worst of them, and only those that hold something larger, few after the start, are looked at singly.
#include <kbench.h>

namespace {

typedef float vec __attribute__((vector_size(VEC * 4), may_alias));
typedef float unaligned __attribute__((vector_size(VEC * 4), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(VEC * 4), may_alias));

vec load(const float* from) { return *reinterpret_cast<const unaligned*>(from); }

bool any_of(ints lanes) {
#ifdef __AVX512F__
  if (VEC == 16) {
    const __m512i all = *reinterpret_cast<__m512i*>(&lanes);
    return _mm512_test_epi32_mask(all, all) != 0;
  }
#endif
  int any = 0;
  for (int half = 0; half < VEC; half += 8)
    any |= _mm256_movemask_epi8(
        _mm256_load_si256(reinterpret_cast<__m256i*>(reinterpret_cast<int*>(&lanes) + half)));
  return any != 0;
}

// Puts (value, index) among `held` sorted ones, dropping the last if there are k already.
void insert(float* values, int32_t* indices, int held, int k, float value, int index) {
  int at = held < k ? held : k - 1;
  for (; at > 0 && values[at - 1] < value; --at) {
    values[at] = values[at - 1];
    indices[at] = indices[at - 1];
  }
  values[at] = value;
  indices[at] = index;
}

}  // namespace

void top_k(const float* x, float* values, int32_t* indices, int rows, int cols, int k) {
  constexpr int kStep = UNROLL * VEC;
  for (int row = 0; row < rows && k > 0; ++row, x += cols, values += k, indices += k) {
    for (int i = 0; i < k; ++i) insert(values, indices, i, k, x[i], i);
    int i = k;
    for (; i + kStep <= cols; i += kStep) {
      ints more = {};
      for (int u = 0; u < UNROLL; ++u) {
        if (DISTANCE > 0) __builtin_prefetch(x + i + u * VEC + DISTANCE);
        more |= load(x + i + u * VEC) > values[k - 1];
      }
      if (!any_of(more)) continue;
      for (int at = i; at < i + kStep; ++at)
        if (x[at] > values[k - 1]) insert(values, indices, k, k, x[at], at);
    }
    for (; i < cols; ++i)
      if (x[i] > values[k - 1]) insert(values, indices, k, k, x[i], i);
  }
}
