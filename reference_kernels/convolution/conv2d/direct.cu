// One thread an output pixel of one filter, whose weights for one channel at a time lie in shared
// memory.
//
// kbench: task     conv2d
// kbench: language cuda hip
// kbench: param    BLOCK 32 64 *128 256
// kbench: require  kernel * kernel * 4 <= SMEM_MAX
// kbench: launch   direct<<<(ceil_div(((height + 2 * padding - kernel) / stride + 1) * ((width + 2 * padding - kernel) / stride + 1), BLOCK), filters, batch), BLOCK, kernel * kernel * 4>>>(x, weight, y, channels, height, width, filters, kernel, stride, padding)
#include <kbench.h>

__global__ void direct(const x_t* __restrict__ x, const weight_t* __restrict__ weight,
                       y_t* __restrict__ y, int channels, int height, int width, int filters,
                       int kernel, int stride, int padding) {
  extern __shared__ float taps[];
  const int rows = (height + 2 * padding - kernel) / stride + 1;
  const int cols = (width + 2 * padding - kernel) / stride + 1;
  const int pixel = blockIdx.x * blockDim.x + threadIdx.x, f = blockIdx.y, b = blockIdx.z;
  const bool inside = pixel < rows * cols;
  const int top = pixel / cols * stride - padding, left = pixel % cols * stride - padding;
  float sum = 0;
  for (int c = 0; c < channels; ++c) {
    __syncthreads();  // the taps of the channel before are still being read
    for (int i = threadIdx.x; i < kernel * kernel; i += blockDim.x) {
      taps[i] = float(weight[(int64_t(f) * channels + c) * kernel * kernel + i]);
    }
    __syncthreads();
    if (!inside) continue;
    const x_t* image = x + (int64_t(b) * channels + c) * height * width;
    for (int p = 0; p < kernel; ++p) {
      if (top + p < 0 || top + p >= height) continue;
      for (int q = 0; q < kernel; ++q) {
        if (left + q < 0 || left + q >= width) continue;
        sum += float(image[int64_t(top + p) * width + left + q]) * taps[p * kernel + q];
      }
    }
  }
  if (inside) y[(int64_t(b) * filters + f) * rows * cols + pixel] = y_t(sum);
}
