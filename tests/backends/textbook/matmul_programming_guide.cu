// The tiled product of the programming guide: matrices as structs, sub-matrices by pointer.
// kbench: task     matmul
// kbench: language cuda
// kbench: launch   MatMulKernel<<<(ceil_div(n, 16), ceil_div(m, 16)), (16, 16)>>>(a, b, c, m, n, k)
#define BLOCK_SIZE 16

typedef struct {
  int width;
  int height;
  int stride;
  const float* elements;
} Matrix;

__device__ float GetElement(const Matrix A, int row, int col) {
  return row < A.height && col < A.width ? A.elements[(long long)row * A.stride + col] : 0.0f;
}

__global__ void MatMulKernel(const float* a, const float* b, float* c, int m, int n, int k) {
  Matrix A = {k, m, k, a}, B = {n, k, n, b};
  int row = threadIdx.y, col = threadIdx.x;
  int blockRow = blockIdx.y, blockCol = blockIdx.x;
  float Cvalue = 0;
  for (int t = 0; t < (A.width + BLOCK_SIZE - 1) / BLOCK_SIZE; ++t) {
    __shared__ float As[BLOCK_SIZE][BLOCK_SIZE];
    __shared__ float Bs[BLOCK_SIZE][BLOCK_SIZE];
    As[row][col] = GetElement(A, blockRow * BLOCK_SIZE + row, t * BLOCK_SIZE + col);
    Bs[row][col] = GetElement(B, t * BLOCK_SIZE + row, blockCol * BLOCK_SIZE + col);
    __syncthreads();
    for (int e = 0; e < BLOCK_SIZE; ++e) Cvalue += As[row][e] * Bs[e][col];
    __syncthreads();
  }
  int i = blockRow * BLOCK_SIZE + row, j = blockCol * BLOCK_SIZE + col;
  if (i < m && j < n) c[(long long)i * n + j] = Cvalue;
}
