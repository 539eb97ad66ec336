// Mean and variance in one pass (Welford), merged between lanes by shuffles.
// kbench: task     layer_norm
// kbench: language cuda
// kbench: launch   layer_norm<<<ceil_div(rows, 4), (32, 4)>>>(x, gamma, beta, y, eps, rows, cols)
struct WelfordData {
  float mean, sigma2, count;
};

__device__ WelfordData combine(WelfordData a, WelfordData b) {
  float count = a.count + b.count;
  if (count == 0.f) return a;
  float delta = b.mean - a.mean;
  return {a.mean + delta * b.count / count,
          a.sigma2 + b.sigma2 + delta * delta * a.count * b.count / count, count};
}

__global__ void layer_norm(const float* X, const float* gamma, const float* beta, float* Y, float eps,
                           int M, int N) {
  int row = blockIdx.x * blockDim.y + threadIdx.y;
  if (row >= M) return;
  const float* x = X + (size_t)row * N;
  WelfordData wd{0.f, 0.f, 0.f};
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    float delta = x[i] - wd.mean;
    wd.count += 1.f;
    wd.mean += delta / wd.count;
    wd.sigma2 += delta * (x[i] - wd.mean);
  }
  for (int offset = 16; offset > 0; offset >>= 1) {
    WelfordData other{__shfl_xor_sync(~0u, wd.mean, offset), __shfl_xor_sync(~0u, wd.sigma2, offset),
                      __shfl_xor_sync(~0u, wd.count, offset)};
    wd = combine(wd, other);
  }
  float rstd = rsqrtf(wd.sigma2 / N + eps);
  for (int i = threadIdx.x; i < N; i += blockDim.x) {
    Y[(size_t)row * N + i] = gamma[i] * (x[i] - wd.mean) * rstd + beta[i];
  }
}
