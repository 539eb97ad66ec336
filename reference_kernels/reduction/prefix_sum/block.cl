// One work-group a row, a tile at a time: doubling steps in local memory (Hillis and Steele, 1986),
// two buffers in turn so that one barrier a step is enough; the tile's total is carried to the next.
//
// kbench: task     prefix_sum
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: launch   scan_rows<<<rows, BLOCK>>>(x, y, cols)
#include <kbench.h>

__kernel void scan_rows(__global const x_t* restrict x, __global y_t* restrict y, int cols) {
  __local y_t sums[2][BLOCK];
  const long first = (long)get_group_id(0) * cols;
  const int me = get_local_id(0);
  y_t carried = 0;
  for (int tile = 0; tile < cols; tile += BLOCK) {
    const bool inside = tile + me < cols;
    int now = 0;
    sums[0][me] = inside ? number_of(x_t, x[first + tile + me]) : 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int step = 1; step < BLOCK; step *= 2) {
      sums[1 - now][me] = me >= step ? sums[now][me] + sums[now][me - step] : sums[now][me];
      now = 1 - now;
      barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (inside) y[first + tile + me] = carried + sums[now][me];
    carried += sums[now][BLOCK - 1];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}
