// One block for a column of the result and a few of its rows: a weight is unpacked once and used for
// all of them; the block's partial sums are added in shared memory.
//
// kbench: task     matmul_w4a16
// kbench: language cuda hip
// kbench: param    BLOCK 32 *64 128
// kbench: param    ROWS  1 2 *4 8
// kbench: launch   columns_of<BLOCK, ROWS><<<(n, ceil_div(m, ROWS)), BLOCK>>>(a, w, scales, c, m, n, k, group)
#include <kbench.h>

template <int block, int rows>
__global__ void columns_of(const a_t* __restrict__ a, const w_t* __restrict__ w,
                           const scales_t* __restrict__ scales, c_t* __restrict__ c, int m, int n,
                           int k, int group) {
  __shared__ float part[rows][block];
  const int j = blockIdx.x, top = blockIdx.y * rows, me = threadIdx.x;
  float sums[rows];
  for (int r = 0; r < rows; ++r) sums[r] = 0;
  // Two weights lie in a byte; a group has an even number of them.
  for (int pair = me; pair < k / 2; pair += block) {
    const int byte = w[int64_t(j) * (k / 2) + pair], p = 2 * pair;
    const float scale = float(scales[int64_t(j) * (k / group) + p / group]);
    const float low = float((byte & 15) - 8) * scale, high = float((byte >> 4) - 8) * scale;
    for (int r = 0; r < rows; ++r) {
      if (top + r >= m) break;
      const a_t* row = a + int64_t(top + r) * k;
      sums[r] += float(row[p]) * low + float(row[p + 1]) * high;
    }
  }
  for (int r = 0; r < rows; ++r) part[r][me] = sums[r];
  __syncthreads();
  for (int half = block / 2; half > 0; half /= 2) {
    if (me < half) {
      for (int r = 0; r < rows; ++r) part[r][me] += part[r][me + half];
    }
    __syncthreads();
  }
  if (me < rows && top + me < m) c[int64_t(top + me) * n + j] = c_t(part[me][0]);
}
