// Shared memory is written anew while others still read the result before.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<ceil_div(rows, 2), 64>>>(x, y, rows, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int rows, int cols) {
  __shared__ float part[64];
  const int me = threadIdx.x;
  for (int row = 2 * blockIdx.x; row < min(rows, 2 * int(blockIdx.x) + 2); ++row) {
    float sum = 0;
    for (int i = me; i < cols; i += 64) sum += float(x[int64_t(row) * cols + i]);
    part[me] = sum;
    __syncthreads();
    sum = 0;
    for (int i = 0; i < 64; ++i) sum += part[i];  // caught: race
    if (me == 0) y[row] = sum;
    if (!DEFECT) __syncthreads();
  }
}
