// One work-group a row, read once: every item keeps the largest number so far and the sum of
// exponentials relative to it (Milakov and Gimelshein, arXiv:1805.02867); pairs are merged in local
// memory.
//
// kbench: task     cross_entropy
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: launch   loss_of_rows<<<rows, BLOCK>>>(x, target, loss, cols)
#include <kbench.h>

typedef struct {
  float largest, sum;
} Tail;

static Tail merged(Tail a, Tail b) {
  if (b.sum == 0.0f) return a;
  if (a.sum == 0.0f) return b;
  Tail both;
  both.largest = fmax(a.largest, b.largest);
  both.sum = a.sum * exp(a.largest - both.largest) + b.sum * exp(b.largest - both.largest);
  return both;
}

// Of a row's numbers, of which every item of the group looks at some.
static Tail tail_of_row(__global const x_t* row, int cols, __local Tail* part) {
  const int me = get_local_id(0);
  Tail mine = {0.0f, 0.0f};
  for (int j = me; j < cols; j += BLOCK) {
    const Tail here = {number_of(x_t, row[j]), 1.0f};
    mine = merged(mine, here);
  }
  part[me] = mine;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_of = BLOCK / 2; half_of > 0; half_of /= 2) {
    if (me < half_of) part[me] = merged(part[me], part[me + half_of]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  return part[0];
}

__kernel void loss_of_rows(__global const x_t* restrict x, __global const int* restrict target,
                           __global float* restrict loss, int cols) {
  __local Tail part[BLOCK];
  const int row = get_group_id(0);
  const Tail all = tail_of_row(x + (long)row * cols, cols, part);
  if (get_local_id(0) == 0) {
    loss[row] = (all.largest - number_of(x_t, x[(long)row * cols + target[row]])) + log(all.sum);
  }
}
