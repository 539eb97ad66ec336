// Scan by __shfl_up_sync: in each warp, then over the warps.
// kbench: task     prefix_sum
// kbench: language cuda
// kbench: launch   scan<<<rows, 256>>>(x, y, cols)
__device__ float warp_scan(float value, int lane) {
#pragma unroll
  for (int i = 1; i <= 32 / 2; i *= 2) {
    float n = __shfl_up_sync(0xffffffff, value, i, 32);
    if (lane >= i) value += n;
  }
  return value;
}

__global__ void scan(const float* in, float* out, int n) {
  __shared__ float sums[32];
  int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  float carry = 0;
  for (int base = 0; base < n; base += blockDim.x) {
    int i = base + threadIdx.x;
    float value = i < n ? in[(size_t)blockIdx.x * n + i] : 0.0f;
    value = warp_scan(value, lane);
    if (lane == 31) sums[warp] = value;
    __syncthreads();
    if (warp == 0) {
      float s = lane < blockDim.x / 32 ? sums[lane] : 0.0f;
      s = warp_scan(s, lane);
      sums[lane] = s;
    }
    __syncthreads();
    if (warp > 0) value += sums[warp - 1];
    if (i < n) out[(size_t)blockIdx.x * n + i] = carry + value;
    carry += sums[blockDim.x / 32 - 1];
    __syncthreads();
  }
}
