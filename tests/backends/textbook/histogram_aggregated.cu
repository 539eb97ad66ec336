// Warp-aggregated increments: lanes of equal bins elect a leader.
// kbench: task     histogram
// kbench: language cuda
// kbench: zero     y
// kbench: launch   histogram_kernel<<<4, 128>>>(x, y, n, bins)
__device__ __inline__ unsigned lanemask_lt() {
  unsigned m;
  asm("mov.u32 %0, %%lanemask_lt;" : "=r"(m));
  return m;
}
__global__ void histogram_kernel(const int* __restrict__ data, int* __restrict__ hist, int n, int bins) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    int b = data[i];
    unsigned todo = __activemask();
    while (true) {
      int leader = __ffs(todo) - 1;
      int other = __shfl_sync(todo, b, leader);
      unsigned same = __ballot_sync(todo, b == other);
      if (b == other) {
        if (__popc(same & lanemask_lt()) == 0) atomicAdd(hist + b, __popc(same));
        break;
      }
      todo &= ~same;
    }
  }
}
