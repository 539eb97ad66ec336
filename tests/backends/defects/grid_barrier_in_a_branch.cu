// Only blocks that have work come to the grid's barrier.
// kbench: task     row_sum
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: buffer   partial f32[rows]
// kbench: launch   sum<<<6, 32>>>(x, y, partial, rows, cols) cooperative
#include <cooperative_groups.h>
__global__ void sum(const x_t* x, float* y, float* partial, int rows, int cols) {
  auto grid = cooperative_groups::this_grid();
#if DEFECT
  if (blockIdx.x >= rows) return;
#endif
  for (int row = blockIdx.x; row < rows; row += gridDim.x) {
    float v = 0;
    for (int i = threadIdx.x; i < cols; i += 32) v += float(x[(size_t)row * cols + i]);
    for (int d = 16; d; d /= 2) v += __shfl_down_sync(~0u, v, d);
    if (threadIdx.x == 0) partial[row] = v;
  }
  grid.sync();  // caught: divergent_barrier
  for (int i = grid.thread_rank(); i < rows; i += grid.size()) y[i] = partial[i];
}
