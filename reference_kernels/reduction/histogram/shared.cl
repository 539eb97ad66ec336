// Every work-group counts WINDOW bins at a time in local memory and adds what it found to the
// result.
//
// kbench: task     histogram
// kbench: language opencl
// kbench: param    BLOCK 64 *256
// kbench: param    PER 16 *256 4096
// kbench: param    WINDOW 1024 *4096
// kbench: zero     y
// kbench: launch   histogram<<<ceil_div(n, BLOCK * PER), BLOCK>>>(x, y, n, bins)
#include <kbench.h>

__kernel void histogram(__global const x_t* restrict x, __global y_t* restrict y, int n, int bins) {
  __local int counts[WINDOW];
  const int me = get_local_id(0);
  const long begin = (long)get_group_id(0) * BLOCK * PER;
  for (int first = 0; first < bins; first += WINDOW) {
    for (int i = me; i < WINDOW; i += BLOCK) counts[i] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = 0; i < PER; ++i) {
      const long at = begin + (long)i * BLOCK + me;
      if (at >= n) break;
      const int bin = x[at] - first;
      if (bin >= 0 && bin < WINDOW) atomic_inc(&counts[bin]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = me; i < WINDOW && first + i < bins; i += BLOCK) {
      if (counts[i] != 0) atomic_add(&y[first + i], counts[i]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}
