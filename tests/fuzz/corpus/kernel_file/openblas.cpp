// kbench: task     matmul
// kbench: language cpp
// kbench: dtype    f32
// kbench: baseline
// kbench: link     openblas
// kbench: launch   openblas_matmul(a, b, c, m, n, k)
#include <cblas.h>
#include <kbench.h>

void openblas_matmul(const float* a, const float* b, float* c, int m, int n, int k) {
  if (m == 0 || n == 0) return;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0f, a, k == 0 ? 1 : k, b, n,
              0.0f, c, n);
}
