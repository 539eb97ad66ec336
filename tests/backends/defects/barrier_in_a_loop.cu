// A barrier in a loop that threads leave at different times.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 64>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  __shared__ float part[64];
  const int me = threadIdx.x, end = DEFECT ? cols : (cols + 63) / 64 * 64;
  float sum = 0;
  for (int i = me; i < end; i += 64) {
    part[me] = i < cols ? float(x[int64_t(blockIdx.x) * cols + i]) : 0;
    __syncthreads();  // caught: divergent_barrier
    sum += part[me];
  }
  __syncthreads();
  part[me] = sum;
  __syncthreads();
  if (me == 0) {
    sum = 0;
    for (int i = 0; i < 64; ++i) sum += part[i];
    y[blockIdx.x] = sum;
  }
}
