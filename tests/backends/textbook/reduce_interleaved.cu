// Reduction with interleaved addressing: the first and slowest of the classical seven.
// kbench: task     row_sum
// kbench: language cuda
// kbench: launch   reduce<<<rows, 128>>>(x, y, cols)
__global__ void reduce(const float* x, float* y, int cols) {
  __shared__ float sdata[128];
  unsigned int tid = threadIdx.x;
  float mine = 0.0f;
  for (unsigned int i = tid; i < cols; i += blockDim.x) mine += x[(size_t)blockIdx.x * cols + i];
  sdata[tid] = mine;
  __syncthreads();
  for (unsigned int s = 1; s < blockDim.x; s *= 2) {
    if (tid % (2 * s) == 0) sdata[tid] += sdata[tid + s];
    __syncthreads();
  }
  if (tid == 0) y[blockIdx.x] = sdata[0];
}
