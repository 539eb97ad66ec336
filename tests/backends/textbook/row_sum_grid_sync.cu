// A cooperative launch: partial sums, a grid barrier, one block adds them up.
// kbench: task     row_sum
// kbench: language cuda
// kbench: buffer   partial f32[rows, 4]
// kbench: launch   grid_sum<<<4, 64>>>(x, y, partial, rows, cols) cooperative
#include <cooperative_groups.h>
using namespace cooperative_groups;

__global__ void grid_sum(const float* x, float* y, float* partial, int rows, int cols) {
  grid_group grid = this_grid();
  thread_block block = this_thread_block();
  __shared__ float sums[64];
  for (int row = 0; row < rows; ++row) {
    float sum = 0;
    for (int i = grid.thread_rank(); i < cols; i += grid.size()) sum += x[(size_t)row * cols + i];
    sums[block.thread_rank()] = sum;
    block.sync();
    if (block.thread_rank() == 0) {
      for (int i = 1; i < 64; ++i) sum += sums[i];
      partial[row * 4 + blockIdx.x] = sum;
    }
    block.sync();
  }
  grid.sync();
  for (int row = grid.thread_rank(); row < rows; row += grid.size()) {
    float sum = 0;
    for (int i = 0; i < 4; ++i) sum += partial[row * 4 + i];
    y[row] = sum;
  }
}
