// Two block reductions share a scratch, and nothing keeps the second from the first.
// kbench: task     softmax
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: launch   softmax<<<rows, 64>>>(x, y, cols)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
__device__ float block_sum(float v, float* scratch) {
  auto tile = cg::tiled_partition<32>(cg::this_thread_block());
  v = cg::reduce(tile, v, cg::plus<float>());
  if (tile.thread_rank() == 0) scratch[tile.meta_group_rank()] = v;  // caught: race
  __syncthreads();
  return scratch[0] + scratch[1];
}
__device__ float block_max(float v, float* scratch) {
  auto tile = cg::tiled_partition<32>(cg::this_thread_block());
  v = cg::reduce(tile, v, cg::greater<float>());
  if (tile.thread_rank() == 0) scratch[tile.meta_group_rank()] = v;
  __syncthreads();
  return fmaxf(scratch[0], scratch[1]);
}
__global__ void softmax(const x_t* x, y_t* y, int cols) {
  __shared__ float scratch[2];
  x += (size_t)blockIdx.x * cols, y += (size_t)blockIdx.x * cols;
  float m = -INFINITY;
  for (int j = threadIdx.x; j < cols; j += 64) m = fmaxf(m, float(x[j]));
  m = block_max(m, scratch);
#if !DEFECT
  __syncthreads();
#endif
  float s = 0;
  for (int j = threadIdx.x; j < cols; j += 64) s += expf(float(x[j]) - m);
  s = block_sum(s, scratch);
  for (int j = threadIdx.x; j < cols; j += 64) y[j] = y_t(expf(float(x[j]) - m) / s);
}
