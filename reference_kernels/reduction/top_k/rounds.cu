// One block a row, k rounds: the largest number behind the one found last, where equal numbers stand
// in order of their index. Good for small k; the row stays in the cache.
//
// kbench: task     top_k
// kbench: language cuda hip
// kbench: param    BLOCK 64 128 *256 512
// kbench: launch   top_k<BLOCK><<<rows, BLOCK>>>(x, values, indices, cols, k)
#include <kbench.h>

struct Found {
  float value;
  int index;
};

// Whether a stands before b in the result; an index below 0 is nothing found.
__device__ bool before(Found a, Found b) {
  if (a.index < 0 || b.index < 0) return b.index < 0 && a.index >= 0;
  return a.value > b.value || (a.value == b.value && a.index < b.index);
}

template <int block>
__global__ void top_k(const x_t* __restrict__ x, values_t* __restrict__ values,
                      int* __restrict__ indices, int cols, int k) {
  __shared__ Found part[block];
  const x_t* row = x + int64_t(blockIdx.x) * cols;
  const int me = threadIdx.x;
  Found last{0.0f, -1};
  for (int place = 0; place < k; ++place) {
    Found best{0.0f, -1};
    for (int j = me; j < cols; j += block) {
      const Found here{float(row[j]), j};
      if ((place == 0 || before(last, here)) && before(here, best)) best = here;
    }
    part[me] = best;
    __syncthreads();
    for (int half = block / 2; half > 0; half /= 2) {
      if (me < half && before(part[me + half], part[me])) part[me] = part[me + half];
      __syncthreads();
    }
    last = part[0];
    __syncthreads();
    if (me == 0) {
      values[int64_t(blockIdx.x) * k + place] = row[last.index];
      indices[int64_t(blockIdx.x) * k + place] = last.index;
    }
  }
}
