// A shuffle under a condition whose mask names lanes that never come.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 32>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  float sum = 0;
  for (int i = threadIdx.x; i < cols; i += 32) sum += float(x[int64_t(blockIdx.x) * cols + i]);
  sum += __shfl_down_sync(0xffffffff, sum, 16);
  if (threadIdx.x < 16) {
    for (int delta = 8; delta > 0; delta /= 2) {
      sum += __shfl_down_sync(DEFECT ? 0xffffffff : 0xffff, sum, delta);  // caught: warp_mask
    }
  }
  __syncthreads();
  if (threadIdx.x == 0) y[blockIdx.x] = sum;
}
