// A scan whose threads read what their neighbours are just replacing.
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
  __syncthreads();
  for (int step = 1; step < 64; step *= 2) {
#if DEFECT
    if (me >= step) part[me] += part[me - step];  // caught: race
#else
    const float before = me >= step ? part[me - step] : 0;
    __syncthreads();
    part[me] += before;
#endif
    __syncthreads();
  }
  if (me == 63) y[blockIdx.x] = part[63];
}
