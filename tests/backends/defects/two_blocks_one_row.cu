// Two blocks add to one output without an atomic operation.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: zero     y
// kbench: launch   row_sum<<<(rows, 2), 64>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  __shared__ float part[64];
  const int me = threadIdx.x;
  float sum = 0;
  for (int i = blockIdx.y * 64 + me; i < cols; i += 128) {
    sum += float(x[int64_t(blockIdx.x) * cols + i]);
  }
  part[me] = sum;
  __syncthreads();
  if (me != 0) return;
  for (int i = 1; i < 64; ++i) sum += part[i];
#if DEFECT
  y[blockIdx.x] += sum;  // caught: race
#else
  atomicAdd(&y[blockIdx.x], sum);
#endif
}
