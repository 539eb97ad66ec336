// One block a row: every thread keeps its largest element with its place, then pairs are compared in
// shared memory.
//
// kbench: task     argmax
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   argmax<BLOCK><<<rows, BLOCK>>>(x, y, cols)
#include <kbench.h>

template <int block>
__global__ void argmax(const x_t* __restrict__ x, y_t* __restrict__ y, int cols) {
  __shared__ float values[block];
  __shared__ int places[block];
  const x_t* row = x + int64_t(blockIdx.x) * cols;
  const int me = threadIdx.x;
  float best = -INFINITY;
  int place = 0;
  for (int i = me; i < cols; i += block) {
    if (float(row[i]) > best) {
      best = float(row[i]);
      place = i;
    }
  }
  values[me] = best;
  places[me] = place;
  __syncthreads();
  for (int half = block / 2; half > 0; half /= 2) {
    if (me < half && values[me + half] > values[me]) {
      values[me] = values[me + half];
      places[me] = places[me + half];
    }
    __syncthreads();
  }
  if (me == 0) y[blockIdx.x] = places[0];
}
