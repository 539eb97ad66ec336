// One work-group a row, k rounds: the largest number behind the one found last, where equal numbers
// stand in order of their index. Good for small k; the row stays in the cache.
//
// kbench: task     top_k
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: launch   top_k<<<rows, BLOCK>>>(x, values, indices, cols, k)
#include <kbench.h>

typedef struct {
  float value;
  int index;
} Found;

// Whether a stands before b in the result; an index below 0 is nothing found.
static bool before(Found a, Found b) {
  if (a.index < 0 || b.index < 0) return b.index < 0 && a.index >= 0;
  return a.value > b.value || (a.value == b.value && a.index < b.index);
}

__kernel void top_k(__global const x_t* restrict x, __global values_t* restrict values,
                    __global int* restrict indices, int cols, int k) {
  __local Found part[BLOCK];
  __global const x_t* row = x + (long)get_group_id(0) * cols;
  const int me = get_local_id(0);
  Found last = {0.0f, -1};
  for (int place = 0; place < k; ++place) {
    Found best = {0.0f, -1};
    for (int j = me; j < cols; j += BLOCK) {
      const Found here = {number_of(x_t, row[j]), j};
      if ((place == 0 || before(last, here)) && before(here, best)) best = here;
    }
    part[me] = best;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_of = BLOCK / 2; half_of > 0; half_of /= 2) {
      if (me < half_of && before(part[me + half_of], part[me])) part[me] = part[me + half_of];
      barrier(CLK_LOCAL_MEM_FENCE);
    }
    last = part[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    if (me == 0) {
      values[(long)get_group_id(0) * k + place] = row[last.index];
      indices[(long)get_group_id(0) * k + place] = last.index;
    }
  }
}
