// The k largest of each row in two launches: per part of a row, then over the parts.
//
// kbench: task     topk
// kbench: language cuda hip
// kbench: param    BLOCK 128 *256 512
// kbench: param    PARTS 1 2 *4 8
// kbench: require  k <= BLOCK && PARTS * k <= cols
// kbench: define   TOP = k
// kbench: buffer   part_values x_t[rows, PARTS, k]
// kbench: buffer   part_indices i32[rows, PARTS, k]
// kbench: launch   topk_parts<BLOCK, TOP><<<(PARTS, rows), BLOCK, BLOCK * 8>>>(x, part_values, part_indices, rows, cols)
// kbench: launch   topk_merge<TOP><<<rows, WARP>>>(part_values, part_indices, values, indices, PARTS)
#include <kbench.h>

template <int block, int top>
__global__ void topk_parts(const x_t* x, x_t* values, int32_t* indices, int rows, int cols);
template <int top>
__global__ void topk_merge(const x_t* part_values, const int32_t* part_indices, x_t* values,
                           int32_t* indices, int parts);
