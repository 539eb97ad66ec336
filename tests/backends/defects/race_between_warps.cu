// The last warp's worth of a tree is left to __syncwarp one step too early.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 128>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  __shared__ float part[128];
  const int me = threadIdx.x;
  float sum = 0;
  for (int i = me; i < cols; i += 128) sum += float(x[int64_t(blockIdx.x) * cols + i]);
  part[me] = sum;
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (me < half) part[me] += part[me + half];  // caught: race
    if (half > (DEFECT ? 64 : 32)) {
      __syncthreads();
    } else {
      DEFECT ? __syncwarp() : __syncthreads();
    }
  }
  if (me == 0) y[blockIdx.x] = part[0];
}
