// The next tile is loaded while slow threads still use the one before.
// kbench: task     transpose
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   transpose<<<ceil_div(rows, 16), (16, 16)>>>(x, y, rows, cols)
#include <kbench.h>

__global__ void transpose(const x_t* x, y_t* y, int rows, int cols) {
  __shared__ x_t part[16][17];
  const int top = blockIdx.x * 16, i = threadIdx.y, j = threadIdx.x;
  for (int left = 0; left < cols; left += 16) {
    if (top + i < rows && left + j < cols) {
      part[i][j] = x[int64_t(top + i) * cols + left + j];  // caught: race
    }
    __syncthreads();
    if (left + i < cols && top + j < rows) y[int64_t(left + i) * rows + top + j] = part[j][i];
    if (!DEFECT) __syncthreads();
  }
}
