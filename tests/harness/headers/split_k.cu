// C = A B with the sum over k in parts, in two launches: no atomics, the same bits every time.
//
// kbench: task     matmul
// kbench: language cuda hip
// kbench: param    TILE  *64 128
// kbench: param    SPLIT 1 2 *4 8
// kbench: require  SPLIT <= k
// kbench: buffer   partial f32[SPLIT, m, n]
// kbench: launch   multiply<TILE, SPLIT><<<(ceil_div(n, TILE), ceil_div(m, TILE), SPLIT), 256, 2 * TILE * 32 * 4>>>(a, b, partial, m, n, k)
// kbench: launch   sum_parts<SPLIT><<<ceil_div(m * n, 256), 256>>>(partial, c, int64(m * n))
#include <kbench.h>

template <int tile, int split>
__global__ void multiply(const a_t* a, const b_t* b, float* partial, int m, int n, int k);
template <int split>
__global__ void sum_parts(const float* partial, c_t* c, int64_t elements);
