// A row of the work-group's items copies a row of the table.
//
// kbench: task     gather
// kbench: language opencl
// kbench: param    LANES 8 *32 64
// kbench: param    ROWS 1 *4 8
// kbench: launch   gather<<<ceil_div(rows, ROWS), (LANES, ROWS)>>>(table, index, y, rows, cols)
#include <kbench.h>

__kernel void gather(__global const table_t* restrict table, __global const index_t* restrict index,
                     __global y_t* restrict y, int rows, int cols) {
  const int row = get_group_id(0) * ROWS + get_local_id(1);
  if (row >= rows) return;
  __global const table_t* from = table + (long)index[row] * cols;
  for (int i = get_local_id(0); i < cols; i += LANES) y[(long)row * cols + i] = from[i];
}
