// Blocks add to one number with atomics that hold within a block only.
// kbench: task     row_sum
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: zero     y
// kbench: launch   sum<<<(2, rows), 32>>>(x, y, cols)
__global__ void sum(const x_t* x, float* y, int cols) {
  float v = 0;
  for (int i = blockIdx.x * 32 + threadIdx.x; i < cols; i += 64) v += float(x[(size_t)blockIdx.y * cols + i]);
#if DEFECT
  atomicAdd_block(&y[blockIdx.y], v);  // caught: race
#else
  atomicAdd(&y[blockIdx.y], v);
#endif
}
