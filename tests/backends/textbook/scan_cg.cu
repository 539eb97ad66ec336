// Inclusive scan by cooperative groups: a warp's scan, then the tiles' totals.
// kbench: task     prefix_sum
// kbench: language cuda
// kbench: launch   scan_kernel<<<rows, 256>>>(x, y, cols)
#include <cooperative_groups.h>
#include <cooperative_groups/scan.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;

__global__ void scan_kernel(const float* in, float* out, int n) {
  auto block = cg::this_thread_block();
  auto tile = cg::tiled_partition<32>(block);
  __shared__ float totals[8];
  float carry = 0.f;
  for (int base = 0; base < n; base += block.num_threads()) {
    const int i = base + block.thread_rank();
    const float v = i < n ? in[size_t(blockIdx.x) * n + i] : 0.f;
    float s = cg::inclusive_scan(tile, v, cg::plus<float>());
    if (tile.thread_rank() == tile.num_threads() - 1) totals[tile.meta_group_rank()] = s;
    block.sync();
    if (tile.meta_group_rank() == 0) {
      float t = tile.thread_rank() < tile.meta_group_size() ? totals[tile.thread_rank()] : 0.f;
      t = cg::exclusive_scan(tile, t);
      if (tile.thread_rank() < 8) totals[tile.thread_rank()] = t;
    }
    block.sync();
    s += carry + totals[tile.meta_group_rank()];
    if (i < n) out[size_t(blockIdx.x) * n + i] = s;
    __shared__ float last;
    if (block.thread_rank() == block.size() - 1) last = s;
    cg::sync(block);
    carry = last;
    cg::sync(block);
  }
}
