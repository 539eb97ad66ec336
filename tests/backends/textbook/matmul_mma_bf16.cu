// One warp multiplies 16 x 8 results with mma.sync; each lane gathers its fragments by hand.
// kbench: task     whole_product
// kbench: language cuda
// kbench: dtype    bf16
// kbench: param    SHIFT *0 1
// kbench: launch   mma_gemm<<<(ceil_div(n, 8), ceil_div(m, 16)), 32>>>(a, b, c, m, n, k)
#include <cuda_bf16.h>
#include <kbench.h>

#define MMA_BF16(D, A, B)                                           \
  asm volatile(                                                     \
      "{\n"                                                         \
      "  mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32\n"     \
      "    {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9},\n"         \
      "    {%10, %11, %12, %13};\n"                                 \
      "}\n"                                                         \
      : "=f"(D[0]), "=f"(D[1]), "=f"(D[2]), "=f"(D[3])              \
      : "r"(A[0]), "r"(A[1]), "r"(A[2]), "r"(A[3]), "r"(B[0]),      \
        "r"(B[1]), "f"(D[0]), "f"(D[1]), "f"(D[2]), "f"(D[3]))

__device__ unsigned short element(const __nv_bfloat16* matrix, int row, int col, int rows, int cols) {
  if (row >= rows || col >= cols) return 0;
  return reinterpret_cast<const unsigned short*>(matrix)[row * cols + col];
}

__global__ void mma_gemm(const __nv_bfloat16* A, const __nv_bfloat16* B, __nv_bfloat16* C, int M,
                         int N, int K) {
  const int lane = threadIdx.x, group = lane >> 2, inGroup = lane & 3;
  const int row0 = blockIdx.y * 16, col0 = blockIdx.x * 8;
  float d[4] = {0.f, 0.f, 0.f, 0.f};
  for (int k0 = 0; k0 < K; k0 += 16) {
    unsigned a[4] = {0, 0, 0, 0}, b[2] = {0, 0};
    for (int i = 0; i < 8; ++i) {
      const int row = group + (i % 4 < 2 ? 0 : 8);
      const int col = inGroup * 2 + (i & 1) + (i < 4 ? 0 : 8);
      a[i / 2] |= unsigned(element(A, row0 + row, k0 + col, M, K)) << 16 * (i & 1);
    }
    for (int i = 0; i < 4; ++i) {
      const int row = (inGroup + SHIFT) % 4 * 2 + (i & 1) + (i < 2 ? 0 : 8);
      b[i / 2] |= unsigned(element(B, k0 + row, col0 + group, K, N)) << 16 * (i & 1);
    }
    MMA_BF16(d, a, b);
  }
  for (int i = 0; i < 4; ++i) {
    const int row = row0 + group + (i < 2 ? 0 : 8), col = col0 + inGroup * 2 + (i & 1);
    if (row < M && col < N) C[row * N + col] = __float2bfloat16(d[i]);
  }
}
