// Tiles of 16 that exchange through shared memory without their sync.
// kbench: task     row_sum
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: launch   sum<<<ceil_div(rows, 4), 64>>>(x, y, rows, cols)
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__global__ void sum(const x_t* x, float* y, int rows, int cols) {
  __shared__ float part[64];
  auto tile = cg::tiled_partition<16>(cg::this_thread_block());
  const int row = blockIdx.x * 4 + tile.meta_group_rank();
  float v = 0;
  if (row < rows)
    for (int i = tile.thread_rank(); i < cols; i += 16) v += float(x[(size_t)row * cols + i]);
  part[threadIdx.x] = v;
#if !DEFECT
  tile.sync();
#endif
  if (tile.thread_rank() == 0 && row < rows) {
    float s = 0;
    for (int i = 0; i < 16; ++i) s += part[threadIdx.x + i];  // caught: race
    y[row] = s;
  }
}
