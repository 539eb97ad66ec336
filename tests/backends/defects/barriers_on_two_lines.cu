// Both branches wait, but at barriers of their own.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 64>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  __shared__ float part[64];
  const int me = threadIdx.x;
  float sum = 0;
  for (int i = me; i < cols; i += 64) sum += float(x[int64_t(blockIdx.x) * cols + i]);
  part[me] = sum;
#if DEFECT
  if (me < 32) {
    __syncthreads();  // caught: divergent_barrier
  } else {
    __syncthreads();
  }
#else
  __syncthreads();
#endif
  if (me == 0) {
    sum = 0;
    for (int i = 0; i < 64; ++i) sum += part[i];
    y[blockIdx.x] = sum;
  }
}
