// A row as float4 where its length allows.
// kbench: task     rms_norm
// kbench: language cuda
// kbench: launch   rms<<<rows, 64>>>(x, gamma, y, eps, cols)
__global__ void rms(const float* x, const float* gamma, float* y, float eps, int cols) {
  __shared__ float s_sum[2];
  const float* row = x + (long long)blockIdx.x * cols;
  float* out = y + (long long)blockIdx.x * cols;
  float sum = 0;
  bool vectors = cols % 4 == 0;
  if (vectors) {
    const float4* row4 = reinterpret_cast<const float4*>(row);
    for (int i = threadIdx.x; i < cols / 4; i += blockDim.x) {
      float4 v = row4[i];
      sum += v.x * v.x + v.y * v.y + v.z * v.z + v.w * v.w;
    }
  } else {
    for (int i = threadIdx.x; i < cols; i += blockDim.x) sum += row[i] * row[i];
  }
  for (int m = 16; m > 0; m /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, m);
  if (threadIdx.x % 32 == 0) s_sum[threadIdx.x / 32] = sum;
  __syncthreads();
  float scale = rsqrtf((s_sum[0] + s_sum[1]) / cols + eps);
  for (int i = threadIdx.x; i < cols; i += blockDim.x) out[i] = row[i] * scale * gamma[i];
}
