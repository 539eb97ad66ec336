// One block a row: threads stride over the columns, then halve what is left in shared memory.
//
// kbench: task     row_sum
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   row_sum<BLOCK><<<rows, BLOCK>>>(x, y, cols)
#include <kbench.h>

template <int block>
__global__ void row_sum(const x_t* __restrict__ x, y_t* __restrict__ y, int cols) {
  __shared__ float part[block];
  const x_t* row = x + int64_t(blockIdx.x) * cols;
  float sum = 0;
  for (int i = threadIdx.x; i < cols; i += block) sum += float(row[i]);
  part[threadIdx.x] = sum;
  __syncthreads();
  for (int half = block / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) y[blockIdx.x] = y_t(part[0]);
}
