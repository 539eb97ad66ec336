// A work-item per PER elements, a work-group apart.
//
// kbench: task     gelu
// kbench: language opencl
// kbench: param    BLOCK 64 *256 1024
// kbench: param    PER 1 *4 16
// kbench: launch   gelu<<<ceil_div(n, BLOCK * PER), BLOCK>>>(x, y, n)
#include <kbench.h>

__kernel void gelu(__global const x_t* restrict x, __global y_t* restrict y, int n) {
  for (int i = 0; i < PER; ++i) {
    const long at = ((long)get_group_id(0) * PER + i) * BLOCK + get_local_id(0);
    if (at >= n) return;
    const float v = number_of(x_t, x[at]);
    // erfc keeps the digits that 1 + erf loses where v is far below zero.
    y[at] = stored_as(y_t, 0.5f * v * erfc(-0.70710678118654752f * v));
  }
}
