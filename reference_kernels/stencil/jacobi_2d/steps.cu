// One launch a step, one thread a point; two grids in turn, the last of which is y.
//
// kbench: task     jacobi_2d
// kbench: language cuda hip
// kbench: param    WIDE *32 64
// kbench: param    HIGH 4 *8 16
// kbench: buffer   other x_t[rows, cols]
// kbench: launch   copy<<<ceil_div(rows * cols, 256), 256>>>(x, steps % 2 == 0 ? y : other, rows * cols)
// kbench: repeat   t steps
// kbench: launch   step<<<(ceil_div(cols, WIDE), ceil_div(rows, HIGH)), (WIDE, HIGH)>>>((steps - t) % 2 == 0 ? y : other, (steps - t) % 2 == 0 ? other : y, rows, cols)
// kbench: end
#include <kbench.h>

__global__ void copy(const x_t* __restrict__ from, y_t* __restrict__ to, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) to[i] = from[i];
}

__global__ void step(const y_t* __restrict__ now, y_t* __restrict__ next, int rows, int cols) {
  const int j = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y * blockDim.y + threadIdx.y;
  if (i >= rows || j >= cols) return;
  const int64_t at = int64_t(i) * cols + j;
  const bool rim = i == 0 || j == 0 || i == rows - 1 || j == cols - 1;
  next[at] = rim ? now[at]
                 : y_t(0.25) * (now[at - cols] + now[at + cols] + now[at - 1] + now[at + 1]);
}
