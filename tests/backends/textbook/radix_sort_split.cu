// kbench: task     sort
// kbench: language cuda hip
// kbench: buffer   other i32[rows, n]
// kbench: launch   radixSort<<<rows, 128>>>(x, y, other, n)
#include <kbench.h>

constexpr int THREADS = 128, BITS = 4, BUCKETS = 1 << BITS;

// A block sorts a row, four bits a pass from the lowest: each thread counts the digits of its part
// of the row, a scan over (digit, thread) says where they go, and each thread moves its part.
__global__ void radixSort(const int* in, int* out, int* scratch, int n) {
  __shared__ unsigned counts[BUCKETS * THREADS];
  __shared__ unsigned warpSums[THREADS / 32];
  const size_t row = size_t(blockIdx.x) * n;
  const int per = (n + THREADS - 1) / THREADS;
  const int begin = min(n, int(threadIdx.x) * per), end = min(n, begin + per);
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;

  const int* from = in + row;
  for (int shift = 0; shift < 32; shift += BITS) {
    int* to = (shift / BITS % 2 == 0 ? scratch : out) + row;
    for (int d = 0; d < BUCKETS; ++d) counts[d * THREADS + threadIdx.x] = 0;
    for (int i = begin; i < end; ++i) {
      const unsigned key = unsigned(from[i]) ^ 0x80000000u;
      ++counts[(key >> shift & (BUCKETS - 1)) * THREADS + threadIdx.x];
    }
    __syncthreads();

    // Exclusive scan: each thread its BUCKETS neighbours, then the warps, then the block.
    unsigned mine = 0;
    for (int i = 0; i < BUCKETS; ++i) {
      const unsigned count = counts[threadIdx.x * BUCKETS + i];
      counts[threadIdx.x * BUCKETS + i] = mine;
      mine += count;
    }
    unsigned sum = mine;
    for (int offset = 1; offset < 32; offset <<= 1) {
      const unsigned below = __shfl_up_sync(0xffffffffu, sum, offset);
      if (lane >= offset) sum += below;
    }
    if (lane == 31) warpSums[warp] = sum;
    __syncthreads();
    unsigned before = sum - mine;
    for (int w = 0; w < warp; ++w) before += warpSums[w];
    for (int i = 0; i < BUCKETS; ++i) counts[threadIdx.x * BUCKETS + i] += before;
    __syncthreads();

    for (int i = begin; i < end; ++i) {
      const unsigned key = unsigned(from[i]) ^ 0x80000000u;
      to[counts[(key >> shift & (BUCKETS - 1)) * THREADS + threadIdx.x]++] = from[i];
    }
    __syncthreads();
    from = to;
  }
}
