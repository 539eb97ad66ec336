// A tree over an array of which short rows fill a part only.
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
  if (!DEFECT || me < cols) part[me] = sum;
  __syncthreads();
  for (int half = 32; half > 0; half /= 2) {
    if (me < half) part[me] += part[me + half];  // caught: uninitialised
    __syncthreads();
  }
  if (me == 0) y[blockIdx.x] = part[0];
}
