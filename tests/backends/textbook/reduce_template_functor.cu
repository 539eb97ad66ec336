// A reduction that is a template over its operation, given a lambda and a functor.
// kbench: task     row_sum
// kbench: language cuda
// kbench: launch   reduce<<<rows, 64>>>(x, y, cols)
template <typename T>
struct Sum {
  __device__ __forceinline__ T operator()(const T& a, const T& b) const { return a + b; }
};

template <int BLOCK_THREADS, typename T, typename Op>
__device__ T block_reduce(T value, Op op) {
  __shared__ T storage[BLOCK_THREADS];
  storage[threadIdx.x] = value;
  __syncthreads();
#pragma unroll
  for (int offset = BLOCK_THREADS / 2; offset > 0; offset >>= 1) {
    if (threadIdx.x < offset) {
      storage[threadIdx.x] = op(storage[threadIdx.x], storage[threadIdx.x + offset]);
    }
    __syncthreads();
  }
  return storage[0];
}

__global__ void __launch_bounds__(64) reduce(const float* __restrict__ x, float* __restrict__ y,
                                             int cols) {
  auto load = [=](int i) { return __ldg(x + (size_t)blockIdx.x * cols + i); };
  float sum = 0;
  for (int i = threadIdx.x; i < cols; i += 64) sum += load(i);
  sum = block_reduce<64>(sum, Sum<float>());
  if (threadIdx.x == 0) y[blockIdx.x] = sum;
}
