// LANES neighbouring threads share a row and halve what they hold in shared memory.
//
// kbench: task     spmv_csr
// kbench: language cuda hip
// kbench: param    LANES 4 8 *16 32
// kbench: param    ROWS 4 *8 16
// kbench: launch   spmv<LANES, ROWS><<<ceil_div(rows, ROWS), (LANES, ROWS)>>>(row_ptr, col, val, x, y, rows)
#include <kbench.h>

template <int lanes, int many>
__global__ void spmv(const row_ptr_t* __restrict__ row_ptr, const col_t* __restrict__ col,
                     const val_t* __restrict__ val, const x_t* __restrict__ x, y_t* __restrict__ y,
                     int rows) {
  __shared__ val_t part[many][lanes];
  const int row = blockIdx.x * many + threadIdx.y, lane = threadIdx.x;
  val_t sum = 0;
  if (row < rows) {
    for (int i = row_ptr[row] + lane; i < row_ptr[row + 1]; i += lanes) sum += val[i] * x[col[i]];
  }
  part[threadIdx.y][lane] = sum;
  __syncthreads();
  for (int half = lanes / 2; half > 0; half /= 2) {
    if (lane < half) part[threadIdx.y][lane] += part[threadIdx.y][lane + half];
    __syncthreads();
  }
  if (lane == 0 && row < rows) y[row] = part[threadIdx.y][0];
}
