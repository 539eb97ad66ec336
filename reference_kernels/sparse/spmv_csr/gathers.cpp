// kbench: task      spmv_csr
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     LANES     8 *16
// kbench: param     DISTANCE  0 64 *256 1024
// kbench: flags     -O3 | -O2
// kbench: launch    spmv_csr(row_ptr, col, val, x, y, rows)
//
// LANES nonzeros of a row at once, x by gather loads. The last ones of a row are masked rather than
// looped over: with rows of a few dozen nonzeros a mispredicted loop end costs more than the row.
#include <kbench.h>

namespace {

// Lanes 0 .. count - 1 of sum += val * x[col].
#ifdef __AVX512F__

__m512 add_wide(__m512 sum, const int32_t* col, const float* val, const float* x, int count) {
  const __mmask16 mask = count >= 16 ? 0xffff : (1u << count) - 1;
  const __m512 from = _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask,
                                               _mm512_maskz_loadu_epi32(mask, col), x, 4);
  return _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, val), from, sum);
}
#endif

__m256 add_narrow(__m256 sum, const int32_t* col, const float* val, const float* x, int count) {
  const __m256i mask =
      _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  const __m256 from = _mm256_mask_i32gather_ps(
      _mm256_setzero_ps(), x, _mm256_maskload_epi32(col, mask), _mm256_castsi256_ps(mask), 4);
  return _mm256_add_ps(sum, _mm256_mul_ps(_mm256_maskload_ps(val, mask), from));
}

float sum_of(__m256 v) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

}  // namespace

void spmv_csr(const int32_t* row_ptr, const int32_t* col, const float* val, const float* x,
              float* y, int rows) {
  for (int row = 0; row < rows; ++row) {
    const int begin = row_ptr[row], end = row_ptr[row + 1];
    if (DISTANCE > 0) {
      __builtin_prefetch(col + begin + DISTANCE);
      __builtin_prefetch(val + begin + DISTANCE);
    }
#ifdef __AVX512F__
    if (LANES == 16) {
      __m512 sum = _mm512_setzero_ps();
      for (int i = begin; i < end; i += 16) sum = add_wide(sum, col + i, val + i, x, end - i);
      y[row] = _mm512_reduce_add_ps(sum);
      continue;
    }
#endif
    __m256 sum = _mm256_setzero_ps();
    for (int i = begin; i < end; i += 8) sum = add_narrow(sum, col + i, val + i, x, end - i);
    y[row] = sum_of(sum);
  }
}
