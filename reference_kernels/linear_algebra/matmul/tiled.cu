// Matrix product by square tiles in shared memory: every element of a and b is read from memory once
// per tile of the result instead of once per element.
//
// kbench: task     matmul
// kbench: language cuda hip
// kbench: param    TILE 8 *16 32
// kbench: launch   tiled<TILE><<<(ceil_div(n, TILE), ceil_div(m, TILE)), (TILE, TILE)>>>(a, b, c, m, n, k)
#include <kbench.h>

template <int tile>
__global__ void tiled(const a_t* __restrict__ a, const b_t* __restrict__ b, c_t* __restrict__ c,
                      int m, int n, int k) {
  __shared__ float a_tile[tile][tile], b_tile[tile][tile];
  const int x = threadIdx.x, y = threadIdx.y;
  const int column = blockIdx.x * tile + x, row = blockIdx.y * tile + y;
  float sum = 0;
  for (int first = 0; first < k; first += tile) {
    const bool in_a = row < m && first + x < k, in_b = first + y < k && column < n;
    a_tile[y][x] = in_a ? float(a[int64_t(row) * k + first + x]) : 0.0f;
    b_tile[y][x] = in_b ? float(b[int64_t(first + y) * n + column]) : 0.0f;
    __syncthreads();
    for (int i = 0; i < tile; ++i) sum += a_tile[y][i] * b_tile[i][x];
    __syncthreads();
  }
  if (row < m && column < n) c[int64_t(row) * n + column] = c_t(sum);
}
