// A matrix product by warp-level fragments of 16 x 16 x 16, staged through shared memory.
// kbench: task     whole_product
// kbench: language cuda
// kbench: dtype    f16
// kbench: launch   wmma_gemm<<<(ceil_div(n, 32), ceil_div(m, 32)), 128>>>(a, b, c, m, n, k)
#include <kbench.h>
#include <mma.h>

using namespace nvcuda;

constexpr int WMMA = 16, BLOCK = 32;

// Each of the block's four warps owns one 16 x 16 quarter of a 32 x 32 tile.
__global__ void wmma_gemm(const half* A, const half* B, half* C, int M, int N, int K) {
  __shared__ __align__(32) half As[BLOCK][WMMA];
  __shared__ __align__(32) half Bs[WMMA][BLOCK];
  __shared__ __align__(32) float Cs[BLOCK][BLOCK];
  const int warp = threadIdx.x / warpSize;
  const int warpRow = warp / 2 * WMMA, warpCol = warp % 2 * WMMA;
  const int rowBase = blockIdx.y * BLOCK, colBase = blockIdx.x * BLOCK;

  wmma::fragment<wmma::accumulator, WMMA, WMMA, WMMA, float> acc;
  wmma::fill_fragment(acc, 0.0f);
  for (int kBase = 0; kBase < K; kBase += WMMA) {
    for (int i = threadIdx.x; i < BLOCK * WMMA; i += blockDim.x) {
      const int r = i / WMMA, p = i % WMMA;
      As[r][p] = rowBase + r < M && kBase + p < K ? A[(rowBase + r) * K + kBase + p]
                                                  : __float2half(0.0f);
      const int q = i / BLOCK, s = i % BLOCK;
      Bs[q][s] = kBase + q < K && colBase + s < N ? B[(kBase + q) * N + colBase + s]
                                                  : __float2half(0.0f);
    }
    __syncthreads();
    wmma::fragment<wmma::matrix_a, WMMA, WMMA, WMMA, half, wmma::row_major> aFrag;
    wmma::fragment<wmma::matrix_b, WMMA, WMMA, WMMA, half, wmma::row_major> bFrag;
    wmma::load_matrix_sync(aFrag, &As[warpRow][0], WMMA);
    wmma::load_matrix_sync(bFrag, &Bs[0][warpCol], BLOCK);
    wmma::mma_sync(acc, aFrag, bFrag, acc);
    __syncthreads();
  }
  wmma::store_matrix_sync(&Cs[warpRow][warpCol], acc, BLOCK, wmma::mem_row_major);
  __syncthreads();
  for (int i = threadIdx.x; i < BLOCK * BLOCK; i += blockDim.x) {
    const int row = rowBase + i / BLOCK, col = colBase + i % BLOCK;
    if (row < M && col < N) C[row * N + col] = __float2half(Cs[i / BLOCK][i % BLOCK]);
  }
}
