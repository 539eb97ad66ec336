// One work-group for a column of the result and a few of its rows: a weight is unpacked once and
// used for all of them; the group's partial sums are added in local memory.
//
// kbench: task     matmul_w4a16
// kbench: language opencl
// kbench: param    BLOCK 8 *16 64
// kbench: param    ROWS  1 *4 8
// kbench: require  ROWS <= BLOCK
// kbench: launch   columns_of<<<(n, ceil_div(m, ROWS)), BLOCK>>>(a, w, scales, c, m, n, k, group)
#include <kbench.h>

__kernel void columns_of(__global const a_t* restrict a, __global const w_t* restrict w,
                         __global const scales_t* restrict scales, __global c_t* restrict c, int m,
                         int n, int k, int group) {
  __local float part[ROWS][BLOCK];
  const int j = get_group_id(0), top = get_group_id(1) * ROWS, me = get_local_id(0);
  float sums[ROWS];
  for (int r = 0; r < ROWS; ++r) sums[r] = 0;
  // Two weights lie in a byte; a group has an even number of them.
  for (int pair = me; pair < k / 2; pair += BLOCK) {
    const int byte = w[(long)j * (k / 2) + pair], p = 2 * pair;
    const float scale = number_of(scales_t, scales[(long)j * (k / group) + p / group]);
    const float low = ((byte & 15) - 8) * scale, high = ((byte >> 4) - 8) * scale;
    for (int r = 0; r < ROWS; ++r) {
      if (top + r >= m) break;
      __global const a_t* row = a + (long)(top + r) * k;
      sums[r] += number_of(a_t, row[p]) * low + number_of(a_t, row[p + 1]) * high;
    }
  }
  for (int r = 0; r < ROWS; ++r) part[r][me] = sums[r];
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_of = BLOCK / 2; half_of > 0; half_of /= 2) {
    if (me < half_of) {
      for (int r = 0; r < ROWS; ++r) part[r][me] += part[r][me + half_of];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (me < ROWS && top + me < m) c[(long)(top + me) * n + j] = stored_as(c_t, part[me][0]);
}
