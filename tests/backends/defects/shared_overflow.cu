// A tile without room for its last row.
// kbench: task     transpose
// kbench: language cuda hip
// kbench: param    DEFECT *0 1
// kbench: launch   transpose<<<(ceil_div(cols, 16), ceil_div(rows, 16)), (16, 16)>>>(x, y, rows, cols)
#include <kbench.h>

__global__ void transpose(const x_t* x, y_t* y, int rows, int cols) {
  __shared__ x_t part[16 - DEFECT][17];
  const int left = blockIdx.x * 16, top = blockIdx.y * 16, i = threadIdx.y, j = threadIdx.x;
  if (top + i < rows && left + j < cols) {
    part[i][j] = x[int64_t(top + i) * cols + left + j];  // caught: bounds
  }
  __syncthreads();
  if (left + i < cols && top + j < rows) y[int64_t(left + i) * rows + top + j] = part[j][i];
}
