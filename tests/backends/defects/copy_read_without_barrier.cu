// Each thread waits for its own asynchronous copy; without a barrier it sees those of others or not.
// kbench: task     row_sum
// kbench: language cuda
// kbench: dtype    f32
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 64>>>(x, y, rows, cols)
#include <cuda_pipeline.h>
#include <kbench.h>

__global__ void row_sum(const float* x, float* y, int rows, int cols) {
  __shared__ float tile[64];
  const int me = threadIdx.x;
  float sum = 0;
  for (int first = 0; first < cols; first += 64) {
    const bool inside = first + me < cols;
    const float* from = inside ? x + int64_t(blockIdx.x) * cols + first + me : x;
    __pipeline_memcpy_async(&tile[me], from, 4, inside ? 0 : 4);
    __pipeline_commit();
    __pipeline_wait_prior(0);
    if (!DEFECT) __syncthreads();
    sum += tile[63 - me];  // caught: race
    __syncthreads();
  }
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(~0u, sum, step);
  tile[me] = sum;
  __syncthreads();
  if (me == 0) y[blockIdx.x] = tile[0] + tile[32];
}
