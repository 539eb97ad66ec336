// The active lanes of a branch are taken for the whole warp.
// kbench: task     row_sum
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: launch   sum<<<rows, 32>>>(x, y, cols)
__global__ void sum(const x_t* x, float* y, int cols) {
  float v = 0;
  for (int i = threadIdx.x; i < cols; i += 32) v += float(x[(size_t)blockIdx.x * cols + i]);
  unsigned mask = 0xffffffffu;
#if DEFECT
  if (threadIdx.x % 4 != 3) mask = __activemask();
#endif
  for (int d = 16; d > 0; d /= 2) v += __shfl_xor_sync(mask, v, d);  // caught: warp_mask
  if (threadIdx.x == 0) y[blockIdx.x] = v;
}
