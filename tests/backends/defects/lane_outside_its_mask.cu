// A mask that leaves out one of those who call.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 32>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  float sum = 0;
  for (int i = threadIdx.x; i < cols; i += 32) sum += float(x[int64_t(blockIdx.x) * cols + i]);
  for (int delta = 16; delta > 0; delta /= 2) {
    sum += __shfl_xor_sync(DEFECT ? 0x7fffffff : 0xffffffff, sum, delta);  // caught: warp_mask
  }
  if (threadIdx.x == 0) y[blockIdx.x] = sum;
}
