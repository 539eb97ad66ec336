// The old way to end a reduction: lanes of a warp trust each other to be in step.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 32>>>(x, y, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, int cols) {
  __shared__ float part[64];
  const int me = threadIdx.x;
  float sum = 0;
  for (int i = me; i < cols; i += 32) sum += float(x[int64_t(blockIdx.x) * cols + i]);
  part[me] = sum;
  part[me + 32] = 0;
  __syncwarp();
  for (int half = 16; half > 0; half /= 2) {
    const float other = part[me + half];  // caught: race
    if (!DEFECT) __syncwarp();
    part[me] += other;
    if (!DEFECT) __syncwarp();
  }
  if (me == 0) y[blockIdx.x] = part[0];
}
