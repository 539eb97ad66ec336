// Reduction over tiles of a warp and an atomic addition a tile.
// kbench: task     row_sum
// kbench: language cuda
// kbench: zero     y
// kbench: launch   reduce<<<rows, 128>>>(x, y, cols)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;

__global__ void reduce(const float* x, float* y, int cols) {
  cg::thread_block block = cg::this_thread_block();
  cg::thread_block_tile<32> tile = cg::tiled_partition<32>(block);
  float sum = 0.f;
  for (int i = block.thread_rank(); i < cols; i += block.size()) {
    sum += x[(long)blockIdx.x * cols + i];
  }
  sum = cg::reduce(tile, sum, cg::plus<float>());
  if (tile.thread_rank() == 0) atomicAdd(&y[blockIdx.x], sum);
}
