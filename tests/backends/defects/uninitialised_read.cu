// Shared memory is not zero when a block begins.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 64>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  __shared__ float total;
  if (!DEFECT && threadIdx.x == 0) total = 0;
  __syncthreads();
  float sum = 0;
  for (int i = threadIdx.x; i < cols; i += 64) sum += float(x[int64_t(blockIdx.x) * cols + i]);
  for (int turn = 0; turn < 64; ++turn) {
    if (turn == threadIdx.x) total += sum;  // caught: uninitialised
    __syncthreads();
  }
  if (threadIdx.x == 0) y[blockIdx.x] = total;
}
