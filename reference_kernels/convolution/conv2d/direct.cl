// One item an output pixel of one filter, whose weights for one channel at a time lie in local
// memory.
//
// kbench: task     conv2d
// kbench: language opencl
// kbench: param    BLOCK 16 *64 256
// kbench: require  kernel * kernel * 4 <= SMEM_MAX
// kbench: launch   direct<<<(ceil_div(((height + 2 * padding - kernel) / stride + 1) * ((width + 2 * padding - kernel) / stride + 1), BLOCK), filters, batch), BLOCK>>>(x, weight, y, channels, height, width, filters, kernel, stride, padding, local(kernel * kernel * 4))
#include <kbench.h>

__kernel void direct(__global const x_t* restrict x, __global const weight_t* restrict weight,
                     __global y_t* restrict y, int channels, int height, int width, int filters,
                     int side, int stride, int padding, __local float* taps) {
  const int rows = (height + 2 * padding - side) / stride + 1;
  const int cols = (width + 2 * padding - side) / stride + 1;
  const int pixel = get_global_id(0), f = get_group_id(1), b = get_group_id(2);
  const bool inside = pixel < rows * cols;
  const int top = pixel / cols * stride - padding, left = pixel % cols * stride - padding;
  float sum = 0;
  for (int c = 0; c < channels; ++c) {
    barrier(CLK_LOCAL_MEM_FENCE);  // the taps of the channel before are still being read
    for (int i = get_local_id(0); i < side * side; i += BLOCK) {
      taps[i] = number_of(weight_t, weight[((long)f * channels + c) * side * side + i]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (inside) {
      __global const x_t* image = x + ((long)b * channels + c) * height * width;
      for (int p = 0; p < side; ++p) {
        if (top + p < 0 || top + p >= height) continue;
        for (int q = 0; q < side; ++q) {
          if (left + q < 0 || left + q >= width) continue;
          sum += number_of(x_t, image[(long)(top + p) * width + left + q]) * taps[p * side + q];
        }
      }
    }
  }
  if (inside) y[((long)b * filters + f) * rows * cols + pixel] = stored_as(y_t, sum);
}
