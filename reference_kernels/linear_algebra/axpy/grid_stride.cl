// A work-item per PER elements, a work-group apart from each other so that neighbours read
// neighbours.
//
// kbench: task     axpy
// kbench: language opencl
// kbench: param    BLOCK 64 *256 1024
// kbench: param    PER 1 *4 16
// kbench: launch   axpy<<<ceil_div(n, BLOCK * PER), BLOCK>>>(x, y, alpha, n)
#include <kbench.h>

__kernel void axpy(__global const x_t* restrict x, __global y_t* restrict y, float alpha, int n) {
  for (int i = 0; i < PER; ++i) {
    const long at = ((long)get_group_id(0) * PER + i) * BLOCK + get_local_id(0);
    if (at >= n) return;
    y[at] = stored_as(y_t, alpha * number_of(x_t, x[at]) + number_of(y_t, y[at]));
  }
}
