// One launch a step, one item a point; two grids in turn, the last of which is y.
//
// kbench: task     jacobi_2d
// kbench: language opencl
// kbench: param    WIDE 32 *128
// kbench: param    HIGH 1 *4
// kbench: buffer   other x_t[rows, cols]
// kbench: launch   copy<<<ceil_div(rows * cols, 256), 256>>>(x, steps % 2 == 0 ? y : other, rows * cols)
// kbench: repeat   t steps
// kbench: launch   relax<<<(ceil_div(cols, WIDE), ceil_div(rows, HIGH)), (WIDE, HIGH)>>>((steps - t) % 2 == 0 ? y : other, (steps - t) % 2 == 0 ? other : y, rows, cols)
// kbench: end
#include <kbench.h>

__kernel void copy(__global const x_t* restrict from, __global y_t* restrict to, int count) {
  const int i = get_global_id(0);
  if (i < count) to[i] = from[i];
}

__kernel void relax(__global const y_t* restrict now, __global y_t* restrict next, int rows,
                   int cols) {
  const int j = get_global_id(0), i = get_global_id(1);
  if (i >= rows || j >= cols) return;
  const long at = (long)i * cols + j;
  const bool rim = i == 0 || j == 0 || i == rows - 1 || j == cols - 1;
  next[at] = rim ? now[at]
                 : (y_t)0.25 * (now[at - cols] + now[at + cols] + now[at - 1] + now[at + 1]);
}
