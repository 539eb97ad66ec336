// Prefix sum by reduce, scan of the sums, and add: a row's carry goes through workspace.
//
// kbench: task     scan
// kbench: language cuda hip
// kbench: param    BLOCK 128 *256 512
// kbench: param    ITEMS 4 *8
// kbench: define   CHUNK = BLOCK * ITEMS
// kbench: buffer   sums f32[rows, ceil_div(cols, CHUNK)]
// kbench: launch   chunk_sums<BLOCK, ITEMS><<<(ceil_div(cols, CHUNK), rows), BLOCK>>>(x, sums, cols)
// kbench: launch   scan_sums<<<rows, WARP>>>(sums, ceil_div(cols, CHUNK))
// kbench: launch   scan_chunks<BLOCK, ITEMS><<<(ceil_div(cols, CHUNK), rows), BLOCK, CHUNK * 4>>>(x, sums, y, cols)
#include <kbench.h>

template <int block, int items>
__global__ void chunk_sums(const x_t* x, float* sums, int cols);
__global__ void scan_sums(float* sums, int chunks);
template <int block, int items>
__global__ void scan_chunks(const x_t* x, const float* sums, y_t* y, int cols);
