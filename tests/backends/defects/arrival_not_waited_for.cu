// Threads arrive at a barrier and go on without waiting.
// kbench: task     row_sum
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: launch   sum<<<rows, 64>>>(x, y, cols)
#include <cuda/barrier>
__global__ void sum(const x_t* x, float* y, int cols) {
  __shared__ cuda::barrier<cuda::thread_scope_block> bar;
  __shared__ float part[64];
  if (threadIdx.x == 0) init(&bar, blockDim.x);
  __syncthreads();
  float v = 0;
  for (int i = threadIdx.x; i < cols; i += 64) v += float(x[(size_t)blockIdx.x * cols + i]);
  part[threadIdx.x] = v;
  auto token = bar.arrive();
#if !DEFECT
  bar.wait(static_cast<decltype(token)&&>(token));
#endif
  if (threadIdx.x < 32) {
    v = part[threadIdx.x] + part[threadIdx.x + 32];  // caught: race
    for (int d = 16; d; d /= 2) v += __shfl_down_sync(~0u, v, d);
    if (threadIdx.x == 0) y[blockIdx.x] = v;
  }
}
