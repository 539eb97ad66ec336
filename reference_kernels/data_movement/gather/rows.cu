// A row of the block's threads copies a row of the table.
//
// kbench: task     gather
// kbench: language cuda hip
// kbench: param    LANES 16 *32 64
// kbench: param    ROWS 2 *4 8
// kbench: launch   gather<LANES, ROWS><<<ceil_div(rows, ROWS), (LANES, ROWS)>>>(table, index, y, rows, cols)
#include <kbench.h>

template <int lanes, int many>
__global__ void gather(const table_t* __restrict__ table, const index_t* __restrict__ index,
                       y_t* __restrict__ y, int rows, int cols) {
  const int row = blockIdx.x * many + threadIdx.y;
  if (row >= rows) return;
  const table_t* from = table + int64_t(index[row]) * cols;
  for (int i = threadIdx.x; i < cols; i += lanes) y[int64_t(row) * cols + i] = from[i];
}
