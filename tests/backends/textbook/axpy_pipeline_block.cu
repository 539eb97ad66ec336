// The programming guide's staged pipeline of a whole block.
// kbench: task     axpy
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   with_staging<<<4, 128, 2 * 128 * 4>>>(y, x, alpha, n)
#include <cooperative_groups.h>
#include <cuda/pipeline>

__global__ void with_staging(float* y, const float* x, float alpha, int size) {
  constexpr unsigned stages_count = 2;
  auto grid = cooperative_groups::this_grid();
  auto block = cooperative_groups::this_thread_block();
  extern __shared__ float shared[];
  size_t shared_offset[stages_count] = {0, block.size()};
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope::thread_scope_block, stages_count> shared_state;
  auto pipeline = cuda::make_pipeline(block, &shared_state);
  const int per_grid = gridDim.x * blockDim.x;
  const size_t batch_sz = (size + per_grid - 1) / per_grid;
  auto block_batch = [&](size_t batch) -> int { return blockIdx.x * blockDim.x + per_grid * batch; };
  auto count = [&](size_t batch) -> int {
    int left = size - block_batch(batch);
    return left < 0 ? 0 : left < (int)blockDim.x ? left : blockDim.x;
  };
  (void)grid;
  for (size_t compute_batch = 0, fetch_batch = 0; compute_batch < batch_sz; ++compute_batch) {
    for (; fetch_batch < batch_sz && fetch_batch < (compute_batch + stages_count); ++fetch_batch) {
      pipeline.producer_acquire();
      size_t shared_idx = fetch_batch % stages_count;
      cuda::memcpy_async(block, shared + shared_offset[shared_idx], x + block_batch(fetch_batch),
                         sizeof(float) * count(fetch_batch), pipeline);
      pipeline.producer_commit();
    }
    pipeline.consumer_wait();
    int shared_idx = compute_batch % stages_count;
    int i = block_batch(compute_batch) + threadIdx.x;
    if (i < size) y[i] = alpha * shared[shared_offset[shared_idx] + threadIdx.x] + y[i];
    pipeline.consumer_release();
  }
}
