// Direct convolution with the output's rows and columns as a two-dimensional block.
// kbench: task     conv2d
// kbench: language cuda
// kbench: launch   conv<<<(ceil_div((width + 2 * padding - kernel) / stride + 1, 16), ceil_div((height + 2 * padding - kernel) / stride + 1, 8), batch * filters), (16, 8)>>>(x, weight, y, channels, height, width, filters, kernel, stride, padding)
__constant__ float kZero = 0.0f;

__global__ void conv(const float* in, const float* f, float* out, int C, int H, int W, int F, int K,
                     int stride, int pad) {
  const int OH = (H + 2 * pad - K) / stride + 1, OW = (W + 2 * pad - K) / stride + 1;
  const dim3 at(blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y * blockDim.y + threadIdx.y);
  const int b = blockIdx.z / F, k = blockIdx.z % F;
  if (at.x >= OW || at.y >= OH) return;
  float sum = kZero;
  for (int c = 0; c < C; ++c)
    for (int p = 0; p < K; ++p)
      for (int q = 0; q < K; ++q) {
        int h = int(at.y) * stride + p - pad, w = int(at.x) * stride + q - pad;
        if (h >= 0 && h < H && w >= 0 && w < W)
          sum += in[((size_t)(b * C + c) * H + h) * W + w] * f[((k * C + c) * K + p) * K + q];
      }
  out[((size_t)(b * F + k) * OH + at.y) * OW + at.x] = sum;
}
