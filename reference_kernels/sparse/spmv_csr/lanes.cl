// LANES neighbouring items share a row and halve what they hold in local memory.
//
// kbench: task     spmv_csr
// kbench: language opencl
// kbench: param    LANES 1 *4 16
// kbench: param    ROWS 8 *32 64
// kbench: launch   spmv<<<ceil_div(rows, ROWS), (LANES, ROWS)>>>(row_ptr, col, val, x, y, rows)
#include <kbench.h>

__kernel void spmv(__global const row_ptr_t* restrict row_ptr, __global const col_t* restrict col,
                   __global const val_t* restrict val, __global const x_t* restrict x,
                   __global y_t* restrict y, int rows) {
  __local val_t part[ROWS][LANES];
  const int lane = get_local_id(0), mine = get_local_id(1);
  const int row = get_group_id(0) * ROWS + mine;
  val_t sum = 0;
  if (row < rows) {
    for (int i = row_ptr[row] + lane; i < row_ptr[row + 1]; i += LANES) sum += val[i] * x[col[i]];
  }
  part[mine][lane] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_of = LANES / 2; half_of > 0; half_of /= 2) {
    if (lane < half_of) part[mine][lane] += part[mine][lane + half_of];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (lane == 0 && row < rows) y[row] = part[mine][0];
}
