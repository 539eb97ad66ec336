// C += A B over parts of k: threads add into C, so that C starts from zero.
//
// kbench: task     matmul
// kbench: language cpp
// kbench: dtype    f32
// kbench: param    SPLIT *2 4
// kbench: flags    -O3 -fopenmp
// kbench: zero     c
// kbench: launch   multiply_add(a, b, c, m, n, k)
#include <kbench.h>

void multiply_add(const float* a, const float* b, float* c, int m, int n, int k);
