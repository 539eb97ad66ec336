#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace kbench {

// Dense lower-triangular algebra for the Gaussian process: column-major, loops along columns so
// that compilers vectorise them without reordering sums.

// Factor in place of the symmetric n x n matrix whose lower half is given. Pivots are kept above
// `floor`.
template <class T>
void cholesky(std::vector<T>& matrix, size_t n, T floor) {
  for (size_t k = 0; k < n; ++k) {
    T* column = &matrix[k * n];
    const T pivot = std::sqrt(std::max(column[k], floor));
    for (size_t i = k; i < n; ++i) column[i] /= pivot;
    column[k] = pivot;
    for (size_t j = k + 1; j < n; ++j) {
      T* other = &matrix[j * n];
      const T scale = column[j];
      for (size_t i = j; i < n; ++i) other[i] -= scale * column[i];
    }
  }
}

// rows := L^-1 rows, `width` right-hand sides side by side in each of n rows.
template <class T>
void solve_lower(const std::vector<T>& factor, size_t n, T* rows, size_t width) {
  for (size_t k = 0; k < n; ++k) {
    T* row = rows + k * width;
    const T pivot = factor[k * n + k];
    for (size_t c = 0; c < width; ++c) row[c] /= pivot;
    for (size_t i = k + 1; i < n; ++i) {
      const T scale = factor[k * n + i];
      T* other = rows + i * width;
      for (size_t c = 0; c < width; ++c) other[c] -= scale * row[c];
    }
  }
}

}  // namespace kbench
