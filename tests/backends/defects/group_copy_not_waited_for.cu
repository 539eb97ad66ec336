// A group copies a tile together, and reads it with a plain barrier behind.
// kbench: task     row_sum
// kbench: language cuda
// kbench: dtype    f32
// kbench: param    DEFECT *0 1
// kbench: launch   sum<<<rows, 32, 128 * 4>>>(x, y, cols)
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
namespace cg = cooperative_groups;
__global__ void sum(const float* x, float* y, int cols) {
  extern __shared__ float tile[];
  auto block = cg::this_thread_block();
  float v = 0;
  for (int base = 0; base < cols; base += 128) {
    const int count = min(128, cols - base);
    cg::memcpy_async(block, tile, x + (size_t)blockIdx.x * cols + base, 4 * count);
#if DEFECT
    block.sync();
#else
    cg::wait(block);
#endif
    for (int i = threadIdx.x; i < count; i += 32) v += tile[i];  // caught: race
    block.sync();
  }
  for (int d = 16; d; d /= 2) v += __shfl_down_sync(~0u, v, d);
  if (threadIdx.x == 0) y[blockIdx.x] = v;
}
