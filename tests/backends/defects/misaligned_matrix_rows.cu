// Rows of a tile that tensor cores read must begin at multiples of 16 bytes.
// kbench: task     row_sum
// kbench: language cuda
// kbench: dtype    f16
// kbench: param    DEFECT *0 1
// kbench: launch   row_sum<<<rows, 32>>>(x, y, rows, cols)
#include <kbench.h>

__global__ void row_sum(const f16* x, y_t* y, int rows, int cols) {
  constexpr int stride = DEFECT ? 12 : 16;
  __shared__ __align__(16) f16 tile[8 * 16];
  const int me = threadIdx.x;
  float sum = 0;
  for (int first = 0; first < cols; first += 64) {
    for (int i = me; i < 64; i += 32) {
      tile[i / 8 * stride + i % 8] =
          first + i < cols ? x[int64_t(blockIdx.x) * cols + first + i] : f16(0.0f);
    }
    __syncwarp();
    unsigned pair;
    const unsigned from = __cvta_generic_to_shared(&tile[me % 8 * stride]);
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];"  // caught: bounds
                 : "=r"(pair)
                 : "r"(from));
    sum += __half2float(__ushort_as_half(pair & 0xffff)) + __half2float(__ushort_as_half(pair >> 16));
    __syncwarp();
  }
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(~0u, sum, step);
  if (me == 0) y[blockIdx.x] = y_t(sum);
}
