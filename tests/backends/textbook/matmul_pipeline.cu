// Tiles in two stages of a thread's own cuda::pipeline.
// kbench: task     matmul
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   gemm<<<(ceil_div(n, 16), ceil_div(m, 16)), (16, 16)>>>(a, b, c, m, n, k)
#include <cuda/pipeline>

constexpr int T = 16;
constexpr int STAGES = 2;

__global__ void gemm(const float* a, const float* b, float* c, int m, int n, int k) {
  __shared__ float as[STAGES][T][T];
  __shared__ float bs[STAGES][T][T];
  cuda::pipeline<cuda::thread_scope_thread> pipe = cuda::make_pipeline();
  const int row = blockIdx.y * T + threadIdx.y, col = blockIdx.x * T + threadIdx.x;
  const int tiles = (k + T - 1) / T;
  auto fetch = [&](int t) {
    const int s = t % STAGES, ka = t * T + threadIdx.x, kb = t * T + threadIdx.y;
    pipe.producer_acquire();
    if (row < m && ka < k) cuda::memcpy_async(&as[s][threadIdx.y][threadIdx.x], &a[row * k + ka], sizeof(float), pipe);
    else as[s][threadIdx.y][threadIdx.x] = 0.f;
    if (kb < k && col < n) cuda::memcpy_async(&bs[s][threadIdx.y][threadIdx.x], &b[kb * n + col], sizeof(float), pipe);
    else bs[s][threadIdx.y][threadIdx.x] = 0.f;
    pipe.producer_commit();
  };
  float acc = 0.f;
  if (tiles > 0) fetch(0);
  for (int t = 0; t < tiles; ++t) {
    if (t + 1 < tiles) {
      fetch(t + 1);
      cuda::pipeline_consumer_wait_prior<1>(pipe);
    } else {
      cuda::pipeline_consumer_wait_prior<0>(pipe);
    }
    __syncthreads();
    const int s = t % STAGES;
    for (int p = 0; p < T; ++p) acc += as[s][threadIdx.y][p] * bs[s][p][threadIdx.x];
    pipe.consumer_release();
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = acc;
}
