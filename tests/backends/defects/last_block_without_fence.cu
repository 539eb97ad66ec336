// The last block adds up what the others wrote, which nothing made visible to it.
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: buffer   sums f32[rows, 4]
// kbench: buffer   arrived u32[rows] = 0
// kbench: launch   row_sum<<<(rows, 4), 64>>>(x, y, sums, arrived, cols)
#include <kbench.h>

__global__ void row_sum(const x_t* x, y_t* y, float* sums, unsigned* arrived, int cols) {
  __shared__ float part[64];
  __shared__ bool last;
  const int me = threadIdx.x, row = blockIdx.x;
  float sum = 0;
  for (int i = blockIdx.y * 64 + me; i < cols; i += 256) {
    sum += float(x[int64_t(row) * cols + i]);
  }
  part[me] = sum;
  __syncthreads();
  if (me == 0) {
    for (int i = 1; i < 64; ++i) sum += part[i];
    sums[row * 4 + blockIdx.y] = sum;
    if (!DEFECT) __threadfence();
    last = atomicAdd(&arrived[row], 1u) == 3;
  }
  __syncthreads();
  if (!last || me != 0) return;
  sum = 0;
  for (int i = 0; i < 4; ++i) sum += sums[row * 4 + i];  // caught: race
  y[row] = sum;
}
