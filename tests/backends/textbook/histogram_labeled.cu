// Lanes of one bin as a group: labeled_partition of the coalesced threads.
// kbench: task     histogram
// kbench: language cuda
// kbench: zero     y
// kbench: launch   count<<<ceil_div(n, 256), 256>>>(x, y, n)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
using namespace cooperative_groups;

__device__ int atomicAggInc(int* ptr) {
  coalesced_group g = coalesced_threads();
  int prev;
  if (g.thread_rank() == 0) prev = atomicAdd(ptr, g.size());
  prev = g.thread_rank() + g.shfl(prev, 0);
  return prev;
}

__global__ void count(const int* x, int* bins, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int bin = x[i];
  if (bin == 0) {
    atomicAggInc(&bins[0]);
  } else if (bin & 1) {
    coalesced_group active = coalesced_threads();
    auto same = labeled_partition(active, bin);
    if (same.thread_rank() == 0) atomicAdd(&bins[bin], (int)same.num_threads());
  } else {
    const unsigned peers = __match_any_sync(__activemask(), bin);
    if ((threadIdx.x & 31) == __ffs(peers) - 1) atomicAdd(&bins[bin], __popc(peers));
  }
}
