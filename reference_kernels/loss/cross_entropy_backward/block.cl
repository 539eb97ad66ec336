// One work-group a row: the largest number and the sum of exponentials in one pass, the gradient in
// the second.
//
// kbench: task     cross_entropy_backward
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: launch   gradient_of_rows<<<rows, BLOCK>>>(x, target, dloss, dx, cols)
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

__kernel void gradient_of_rows(__global const x_t* restrict x, __global const int* restrict target,
                               __global const float* restrict dloss, __global dx_t* restrict dx,
                               int cols) {
  __local Tail part[BLOCK];
  const int row = get_group_id(0), hit = target[row];
  const long first = (long)row * cols;
  const Tail all = tail_of_row(x + first, cols, part);
  const float scale = dloss[row];
  for (int j = get_local_id(0); j < cols; j += BLOCK) {
    const float share = exp(number_of(x_t, x[first + j]) - all.largest) / all.sum;
    dx[first + j] = stored_as(dx_t, (share - (j == hit ? 1.0f : 0.0f)) * scale);
  }
}
