// Sparse matrix by vector, one warp a row.
// kbench: task     spmv_csr
// kbench: language cuda
// kbench: launch   spmv_csr_vector_kernel<<<ceil_div(rows, 4), 128>>>(rows, row_ptr, col, val, x, y)
__global__ void spmv_csr_vector_kernel(const int num_rows, const int* ptr, const int* indices,
                                       const float* data, const float* x, float* y) {
  int thread_id = blockDim.x * blockIdx.x + threadIdx.x;
  int warp_id = thread_id / 32;
  int lane = thread_id & (32 - 1);
  int row = warp_id;
  if (row < num_rows) {
    float sum = 0;
    for (int jj = ptr[row] + lane; jj < ptr[row + 1]; jj += 32) sum += data[jj] * x[indices[jj]];
    for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_down_sync(0xFFFFFFFF, sum, offset);
    if (lane == 0) y[row] = sum;
  }
}
