// Each thread computes 4 by 4 elements from registers; two shared tiles in turn.
// kbench: task     matmul
// kbench: language cuda
// kbench: launch   gemm<<<(ceil_div(n, 32), ceil_div(m, 32)), 64, 2 * (32 * 8 + 8 * 32) * 4>>>(a, b, c, m, n, k)
constexpr int BM = 32, BN = 32, BK = 8, TM = 4, TN = 4;

__global__ void gemm(const float* __restrict__ A, const float* __restrict__ B, float* __restrict__ C,
                     int M, int N, int K) {
  extern __shared__ float smem[];
  float* As = smem;
  float* Bs = smem + 2 * BM * BK;
  const int tid = threadIdx.x, tx = tid % (BN / TN), ty = tid / (BN / TN);
  float acc[TM][TN] = {{0.0f}};
  auto load = [&](int stage, int k0) {
    for (int i = tid; i < BM * BK; i += 64) {
      int r = blockIdx.y * BM + i / BK, q = k0 + i % BK;
      As[stage * BM * BK + i] = (r < M && q < K) ? A[(size_t)r * K + q] : 0.f;
    }
    for (int i = tid; i < BK * BN; i += 64) {
      int q = k0 + i / BN, col = blockIdx.x * BN + i % BN;
      Bs[stage * BK * BN + i] = (q < K && col < N) ? B[(size_t)q * N + col] : 0.f;
    }
  };
  load(0, 0);
  __syncthreads();
  int stage = 0;
  for (int k0 = 0; k0 < K; k0 += BK) {
    if (k0 + BK < K) load(stage ^ 1, k0 + BK);
#pragma unroll
    for (int kk = 0; kk < BK; ++kk) {
      float ra[TM], rb[TN];
      for (int i = 0; i < TM; ++i) ra[i] = As[stage * BM * BK + (ty * TM + i) * BK + kk];
      for (int j = 0; j < TN; ++j) rb[j] = Bs[stage * BK * BN + kk * BN + tx * TN + j];
      for (int i = 0; i < TM; ++i)
        for (int j = 0; j < TN; ++j) acc[i][j] = fmaf(ra[i], rb[j], acc[i][j]);
    }
    __syncthreads();
    stage ^= 1;
  }
  for (int i = 0; i < TM; ++i)
    for (int j = 0; j < TN; ++j) {
      int r = blockIdx.y * BM + ty * TM + i, col = blockIdx.x * BN + tx * TN + j;
      if (r < M && col < N) C[(size_t)r * N + col] = acc[i][j];
    }
}
