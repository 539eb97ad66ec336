// A warp a row, four rows a block; the maximum and the sum by butterfly shuffles.
// kbench: task     softmax
// kbench: language cuda
// kbench: launch   softmax<<<ceil_div(rows, 4), (32, 4)>>>(x, y, rows, cols)
template <typename T>
__device__ T warp_max(T v) {
  for (int m = 16; m > 0; m >>= 1) v = max(v, __shfl_xor_sync(~0u, v, m));
  return v;
}
template <typename T>
__device__ T warp_sum(T v) {
  for (int m = 16; m > 0; m >>= 1) v += __shfl_xor_sync(~0u, v, m);
  return v;
}

__global__ void softmax(const float* x, float* y, int rows, int cols) {
  const int row = blockIdx.x * blockDim.y + threadIdx.y;
  if (row >= rows) return;
  x += (size_t)row * cols;
  y += (size_t)row * cols;
  float largest = -INFINITY;
  for (int i = threadIdx.x; i < cols; i += 32) largest = fmaxf(largest, x[i]);
  largest = warp_max(largest);
  float sum = 0;
  for (int i = threadIdx.x; i < cols; i += 32) sum += __expf(x[i] - largest);
  sum = warp_sum(sum);
  for (int i = threadIdx.x; i < cols; i += 32) y[i] = __expf(x[i] - largest) / sum;
}
