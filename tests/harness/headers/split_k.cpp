// C = A B with the sum over k in parts: partial products, then their sum.
//
// kbench: task     matmul
// kbench: language cpp
// kbench: dtype    f32
// kbench: param    SPLIT 1 2 *4 8
// kbench: require  SPLIT <= k
// kbench: buffer   partial f32[SPLIT, m, n]
// kbench: repeat   part SPLIT
// kbench:   launch multiply_part(a, b, partial, m, n, k, k * part / SPLIT, k * (part + 1) / SPLIT, part)
// kbench: end
// kbench: launch   sum_parts(partial, c, int64(m * n))
#include <kbench.h>

void multiply_part(const float* a, const float* b, float* partial, int m, int n, int k, int begin,
                   int end, int part);
void sum_parts(const float* partial, float* c, int64_t elements);
