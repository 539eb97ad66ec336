// Every block leaves a sum; the last one to finish adds them up (threadFenceReduction).
// kbench: task     row_sum
// kbench: language cuda
// kbench: buffer   partial f32[rows, 8]
// kbench: buffer   count u32[rows] = 0
// kbench: launch   reduce<<<(8, rows), 64>>>(x, y, partial, count, cols)
__global__ void reduce(const float* x, float* y, float* partial, unsigned* count, int cols) {
  __shared__ bool isLast;
  __shared__ float sums[64];
  const int row = blockIdx.y;
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < cols; i += gridDim.x * blockDim.x)
    sum += x[(size_t)row * cols + i];
  sums[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int i = 1; i < blockDim.x; ++i) sum += sums[i];
    partial[row * gridDim.x + blockIdx.x] = sum;
    __threadfence();
    unsigned value = atomicInc(&count[row], gridDim.x);
    isLast = (value == (gridDim.x - 1));
  }
  __syncthreads();
  if (isLast && threadIdx.x == 0) {
    float total = 0;
    for (int i = 0; i < gridDim.x; ++i) total += partial[row * gridDim.x + i];
    y[row] = total;
    count[row] = 0;
  }
}
