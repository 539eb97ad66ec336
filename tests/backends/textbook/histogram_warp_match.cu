// Equal bins of a warp are counted together by __match_any_sync.
// kbench: task     histogram
// kbench: language cuda
// kbench: zero     y
// kbench: launch   histogram<<<16, 128>>>(x, y, n)
__global__ void histogram(const int* x, int* y, int n) {
  for (int base = blockIdx.x * blockDim.x; base < n; base += gridDim.x * blockDim.x) {
    int i = base + threadIdx.x;
    unsigned active = __ballot_sync(0xffffffff, i < n);
    if (i < n) {
      int bin = x[i];
      unsigned peers = __match_any_sync(active, bin);
      int leader = __ffs(peers) - 1;
      if ((threadIdx.x & 31) == leader) atomicAdd(&y[bin], __popc(peers));
    }
    __syncwarp();
  }
}
