// One block a row, a tile at a time: doubling steps in shared memory (Hillis and Steele, 1986), two
// buffers in turn so that one barrier a step is enough; the tile's total is carried to the next.
//
// kbench: task     prefix_sum
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   scan_rows<BLOCK><<<rows, BLOCK>>>(x, y, cols)
#include <kbench.h>

template <int block>
__global__ void scan_rows(const x_t* __restrict__ x, y_t* __restrict__ y, int cols) {
  __shared__ y_t sums[2][block];
  const int64_t first = int64_t(blockIdx.x) * cols;
  const int me = threadIdx.x;
  y_t carried = 0;
  for (int tile = 0; tile < cols; tile += block) {
    const bool inside = tile + me < cols;
    int now = 0;
    sums[0][me] = inside ? y_t(x[first + tile + me]) : y_t(0);
    __syncthreads();
    for (int step = 1; step < block; step *= 2) {
      sums[1 - now][me] = me >= step ? sums[now][me] + sums[now][me - step] : sums[now][me];
      now = 1 - now;
      __syncthreads();
    }
    if (inside) y[first + tile + me] = carried + sums[now][me];
    carried += sums[now][block - 1];
    __syncthreads();
  }
}
