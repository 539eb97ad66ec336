// Two arrays in dynamic shared memory, the second of which begins inside the first.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 64, 128 * 4>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  extern __shared__ float all[];
  float *low = all, *high = all + (DEFECT ? 32 : 64);
  const int me = threadIdx.x;
  float sum = 0;
  for (int i = me; i < cols; i += 64) sum += float(x[int64_t(blockIdx.x) * cols + i]);
  low[me] = me % 2 ? sum : 0;
  high[me] = me % 2 ? 0 : sum;  // caught: race
  __syncthreads();
  if (me == 0) {
    sum = 0;
    for (int i = 0; i < 64; ++i) sum += low[i] + high[i];
    y[blockIdx.x] = sum;
  }
}
