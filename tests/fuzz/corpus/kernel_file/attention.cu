// Causal attention after FlashAttention: a block of queries a thread block, keys in shared memory.
//
// kbench: task     attention
// kbench: language cuda hip
// kbench: dtype    f16 bf16
// kbench: param    BLOCK_Q 64 *128
// kbench: param    BLOCK_K 32 *64
// kbench: param    WARPS   *4 8
// kbench: define   HEAD = d
// kbench: require  (BLOCK_Q + 2 * BLOCK_K) * d * 2 <= SMEM_MAX
// kbench: require  BLOCK_Q % (WARPS * 16) == 0
// kbench: launch   attention<q_t, HEAD, BLOCK_Q, BLOCK_K><<<(ceil_div(seq, BLOCK_Q), heads), (WARPS * WARP), (BLOCK_Q + 2 * BLOCK_K) * HEAD * 2>>>(q, k, v, out, int64(seq), scale)
#include <kbench.h>

template <class type, int head, int block_q, int block_k>
__global__ void attention(const type* q, const type* k, const type* v, type* out, int64_t seq,
                          float scale);
