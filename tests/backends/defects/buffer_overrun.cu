// Workspace for one block too few.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: buffer   sums f32[rows * 2 - DEFECT]
// kbench: launch   fill<<<(rows, 2), 64>>>(x, sums, cols)
// kbench: launch   add<<<ceil_div(rows, 64), 64>>>(sums, y, rows)
#include <kbench.h>

__global__ void fill(const x_t* x, float* sums, int cols) {
  __shared__ float total;
  if (threadIdx.x == 0) total = 0;
  __syncthreads();
  float sum = 0;
  for (int i = blockIdx.y * 64 + threadIdx.x; i < cols; i += 128) {
    sum += float(x[int64_t(blockIdx.x) * cols + i]);
  }
  atomicAdd(&total, sum);
  __syncthreads();
  if (threadIdx.x == 0) sums[blockIdx.x * 2 + blockIdx.y] = total;  // caught: bounds
}

__global__ void add(const float* sums, y_t* y, int rows) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  if (i < rows) y[i] = sums[2 * i] + (DEFECT ? 0 : sums[2 * i + 1]);
}
