// y = x W with 4-bit weights, repacked once for the tensor cores' fragments.
//
// kbench: task     matmul_w4a16
// kbench: language cuda
// kbench: dtype    f16
// kbench: param    TILE_N *64 128
// kbench: param    STAGES 2 *3 4
// kbench: define   GROUP = group
// kbench: require  STAGES * TILE_N * 64 <= SMEM_MAX
// kbench: buffer   packed u32[ceil_div(n, TILE_N), ceil_div(k, 16), TILE_N * 2]
// kbench: prepare  pack<TILE_N><<<(ceil_div(n, TILE_N), ceil_div(k, 16)), 128>>>(w, packed, n, k)
// kbench: launch   multiply<TILE_N, STAGES, GROUP><<<(ceil_div(n, TILE_N), ceil_div(m, 16)), 128, STAGES * TILE_N * 64>>>(x, packed, scales, y, m, n, k) cluster=(1, 1, 1)
#include <kbench.h>

template <int tile_n>
__global__ void pack(const uint8_t* w, uint32_t* packed, int n, int k);
template <int tile_n, int stages, int group>
__global__ void multiply(const f16* x, const uint32_t* packed, const f16* scales, f16* y, int m,
                         int n, int k);
