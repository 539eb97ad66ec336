// Rows are taken to be one element longer than they are.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 64>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  __shared__ float total;
  const int me = threadIdx.x;
  if (me == 0) total = 0;
  __syncthreads();
  float sum = 0;
  for (int i = me; i < cols; i += 64) {
    sum += float(x[int64_t(blockIdx.x) * (cols + DEFECT) + i]);  // caught: bounds
  }
  atomicAdd(&total, sum);
  __syncthreads();
  if (me == 0) y[blockIdx.x] = total;
}
