// Split arrive and wait: the maximum and the sum meet at a cuda::barrier.
// kbench: task     softmax
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   softmax<<<rows, 128>>>(x, y, cols)
#include <cuda/barrier>
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
using barrier = cuda::barrier<cuda::thread_scope_block>;

__global__ void softmax(const float* x, float* y, int cols) {
#pragma nv_diag_suppress static_var_with_dynamic_init
  __shared__ barrier bar;
  __shared__ float maxima[4], sums[4];
  auto block = cg::this_thread_block();
  if (block.thread_rank() == 0) init(&bar, block.size());
  block.sync();
  auto warp = cg::tiled_partition<32>(block);
  x += (size_t)blockIdx.x * cols;
  y += (size_t)blockIdx.x * cols;

  float m = -INFINITY;
  for (int i = threadIdx.x; i < cols; i += blockDim.x) m = fmaxf(m, x[i]);
  m = cg::reduce(warp, m, cg::greater<float>());
  if (warp.thread_rank() == 0) maxima[threadIdx.x / 32] = m;
  barrier::arrival_token token = bar.arrive();
  bar.wait(cuda::std::move(token));
  m = fmaxf(fmaxf(maxima[0], maxima[1]), fmaxf(maxima[2], maxima[3]));

  float s = 0;
  for (int i = threadIdx.x; i < cols; i += blockDim.x) s += expf(x[i] - m);
  s = cg::reduce(warp, s, cg::plus<float>());
  if (warp.thread_rank() == 0) sums[threadIdx.x / 32] = s;
  bar.arrive_and_wait();
  s = sums[0] + sums[1] + sums[2] + sums[3];
  for (int i = threadIdx.x; i < cols; i += blockDim.x) y[i] = expf(x[i] - m) / s;
}
