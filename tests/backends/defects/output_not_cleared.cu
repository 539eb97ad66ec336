// Sums are added to an output that nobody has cleared.
// kbench: task     row_sum
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: launch   sum<<<rows, 32>>>(x, y, cols)
__global__ void sum(const x_t* x, float* y, int cols) {
  float v = 0;
  for (int i = threadIdx.x; i < cols; i += 32) v += float(x[(size_t)blockIdx.x * cols + i]);
#if !DEFECT
  if (threadIdx.x == 0) y[blockIdx.x] = 0;
  __syncwarp();
#endif
  atomicAdd(&y[blockIdx.x], v);  // caught: uninitialised
}
