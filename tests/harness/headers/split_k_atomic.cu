// C += A B over parts of k with atomic adds into a zeroed C.
//
// kbench: task     matmul
// kbench: language cuda hip
// kbench: dtype    f32
// kbench: param    TILE  *64 128
// kbench: param    SPLIT 2 *4 8
// kbench: require  SPLIT <= k
// kbench: zero     c
// kbench: launch   multiply_add<TILE><<<(ceil_div(n, TILE), ceil_div(m, TILE), SPLIT), 256>>>(a, b, c, m, n, k)
template <int tile>
__global__ void multiply_add(const float* a, const float* b, float* c, int m, int n, int k);
