// Through a tile of local memory, so that both the read and the write are of whole lines; a column
// of padding keeps items that read a column of the tile in different banks.
//
// kbench: task     transpose
// kbench: language opencl
// kbench: param    TILE 8 16 *32
// kbench: param    ROWS 1 *4 8
// kbench: launch   transpose<<<(ceil_div(cols, TILE), ceil_div(rows, TILE)), (TILE, ROWS)>>>(x, y, rows, cols)
#include <kbench.h>

__kernel void transpose(__global const x_t* restrict x, __global y_t* restrict y, int rows,
                        int cols) {
  __local x_t part[TILE][TILE + 1];
  const int left = get_group_id(0) * TILE, top = get_group_id(1) * TILE, lane = get_local_id(0);
  for (int i = get_local_id(1); i < TILE; i += ROWS) {
    if (top + i < rows && left + lane < cols) {
      part[i][lane] = x[(long)(top + i) * cols + left + lane];
    }
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int i = get_local_id(1); i < TILE; i += ROWS) {
    if (left + i < cols && top + lane < rows) {
      y[(long)(left + i) * rows + top + lane] = part[lane][i];
    }
  }
}
