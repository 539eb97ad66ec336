// Matrix product by tiles in local memory: every element of a and b is read from memory once per
// tile of the result. An item keeps ROWS rows of a column of it, so that an element of b that was
// read from local memory is used ROWS times.
//
// kbench: task     matmul
// kbench: language opencl
// kbench: param    TILE 8 *16 32
// kbench: param    ROWS 1 4 *8
// kbench: require  TILE % ROWS == 0
// kbench: launch   tiled<<<(ceil_div(n, TILE), ceil_div(m, TILE)), (TILE, TILE / ROWS)>>>(a, b, c, m, n, k)
#include <kbench.h>

__kernel void tiled(__global const a_t* restrict a, __global const b_t* restrict b,
                    __global c_t* restrict c, int m, int n, int k) {
  __local float a_tile[TILE][TILE], b_tile[TILE][TILE];
  const int x = get_local_id(0), y = get_local_id(1) * ROWS;
  const int column = get_group_id(0) * TILE + x, row = get_group_id(1) * TILE + y;
  float sums[ROWS];
  for (int r = 0; r < ROWS; ++r) sums[r] = 0;
  for (int first = 0; first < k; first += TILE) {
    for (int r = 0; r < ROWS; ++r) {
      const bool in_a = row + r < m && first + x < k, in_b = first + y + r < k && column < n;
      a_tile[y + r][x] = in_a ? number_of(a_t, a[(long)(row + r) * k + first + x]) : 0.0f;
      b_tile[y + r][x] = in_b ? number_of(b_t, b[(long)(first + y + r) * n + column]) : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = 0; i < TILE; ++i) {
      const float other = b_tile[i][x];
      for (int r = 0; r < ROWS; ++r) sums[r] += a_tile[y + r][i] * other;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (int r = 0; r < ROWS; ++r) {
    if (row + r < m && column < n) c[(long)(row + r) * n + column] = stored_as(c_t, sums[r]);
  }
}
