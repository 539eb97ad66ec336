// Through a tile of shared memory, so that both the read and the write are of whole lines; a column
// of padding keeps the lanes that read a column of the tile in different banks.
//
// kbench: task     transpose
// kbench: language cuda hip
// kbench: param    TILE 16 *32
// kbench: param    ROWS 4 *8 16
// kbench: launch   transpose<TILE, ROWS><<<(ceil_div(cols, TILE), ceil_div(rows, TILE)), (TILE, ROWS)>>>(x, y, rows, cols)
#include <kbench.h>

template <int tile, int step>
__global__ void transpose(const x_t* __restrict__ x, y_t* __restrict__ y, int rows, int cols) {
  __shared__ x_t part[tile][tile + 1];
  const int left = blockIdx.x * tile, top = blockIdx.y * tile, lane = threadIdx.x;
  for (int i = threadIdx.y; i < tile; i += step) {
    if (top + i < rows && left + lane < cols) {
      part[i][lane] = x[int64_t(top + i) * cols + left + lane];
    }
  }
  __syncthreads();
  for (int i = threadIdx.y; i < tile; i += step) {
    if (left + i < cols && top + lane < rows) {
      y[int64_t(left + i) * rows + top + lane] = part[lane][i];
    }
  }
}
