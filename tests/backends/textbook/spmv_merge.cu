// Non-zeros in equal parts: each thread finds its row by bisection; sums by atomicAdd(double) of old.
// kbench: task     spmv_csr
// kbench: language cuda
// kbench: dtype    f64
// kbench: zero     y
// kbench: launch   spmv<<<ceil_div(nnz, 256), 64>>>(rows, row_ptr, col, val, x, y, nnz)
__device__ double atomicAddCAS(double* address, double val)
{
    unsigned long long int* address_as_ull = (unsigned long long int*)address;
    unsigned long long int old = *address_as_ull, assumed;
    do {
        assumed = old;
        old = atomicCAS(address_as_ull, assumed,
                        __double_as_longlong(val + __longlong_as_double(assumed)));
    } while (assumed != old);
    return __longlong_as_double(old);
}

__device__ int find_row(const int* ptr, int lo, int hi, int p) {
  if (hi - lo <= 1) return lo;
  int mid = lo + (hi - lo) / 2;
  return ptr[mid] <= p ? find_row(ptr, mid, hi, p) : find_row(ptr, lo, mid, p);
}

__global__ void spmv(int rows, const int* ptr, const int* col, const double* val, const double* x,
                     double* y, int nnz) {
  int p = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  const int end = min(p + 4, nnz);
  if (p >= end) return;
  int row = find_row(ptr, 0, rows, p);
  while (p < end) {
    while (ptr[row + 1] <= p) ++row;
    const int stop = min(end, ptr[row + 1]);
    double sum = 0.0;
    for (; p < stop; ++p) sum = fma(__ldg(val + p), __ldg(&x[col[p]]), sum);
    atomicAddCAS(&y[row], sum);
  }
}
