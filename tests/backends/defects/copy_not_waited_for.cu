// A tile that is copied asynchronously is read behind a barrier, but nobody has waited for the copy.
// kbench: task     row_sum
// kbench: language cuda
// kbench: dtype    f32
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 64>>>(x, y, rows, cols)
#include <kbench.h>

__global__ void row_sum(const float* x, float* y, int rows, int cols) {
  __shared__ float tile[64];
  const int me = threadIdx.x;
  const unsigned to = __cvta_generic_to_shared(&tile[me]);
  float sum = 0;
  for (int first = 0; first < cols; first += 64) {
    const int inside = first + me < cols ? 4 : 0;
    const float* from = inside ? x + int64_t(blockIdx.x) * cols + first + me : x;
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(from), "r"(inside));
    asm volatile("cp.async.commit_group;");
    if (!DEFECT) asm volatile("cp.async.wait_group 0;");
    __syncthreads();
    sum += tile[me ^ 1];  // caught: race
    __syncthreads();
  }
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(~0u, sum, step);
  tile[me] = sum;
  __syncthreads();
  if (me == 0) y[blockIdx.x] = tile[0] + tile[32];
}
