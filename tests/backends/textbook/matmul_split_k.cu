// The inner dimension is cut in four; the parts are added atomically.
// kbench: task     matmul
// kbench: language cuda
// kbench: zero     c
// kbench: launch   gemm<<<(ceil_div(n, 16), ceil_div(m, 16), 4), (16, 16)>>>(a, b, c, m, n, k)
__global__ void gemm(const float* A, const float* B, float* C, int M, int N, int K) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= M || col >= N) return;
  int chunk = (K + gridDim.z - 1) / gridDim.z;
  int begin = blockIdx.z * chunk, end = min(K, begin + chunk);
  float sum = 0.0f;
  for (int i = begin; i < end; ++i) sum += A[(size_t)row * K + i] * B[(size_t)i * N + col];
  atomicAdd(C + (size_t)row * N + col, sum);
}
