// Chained scan in which state and value travel in one 64-bit word; tiles are the blocks' own numbers.
// kbench: task     prefix_sum
// kbench: language cuda
// kbench: buffer   state u64[rows, ceil_div(cols, 128)] = 0
// kbench: launch   chained<128><<<(ceil_div(cols, 128), rows), 128>>>(x, y, state, cols)
template <int BLOCK>
__device__ __forceinline__ float block_scan(float v, float* buffer) {
  const int t = threadIdx.x;
  buffer[t] = v;
  __syncthreads();
#pragma unroll
  for (int d = 1; d < BLOCK; d *= 2) {
    float other = t >= d ? buffer[t - d] : 0.0f;
    __syncthreads();
    buffer[t] += other;
    __syncthreads();
  }
  return buffer[t];
}

template <int BLOCK>
__global__ void __launch_bounds__(BLOCK) chained(const float* __restrict__ x, float* __restrict__ y,
                                                 unsigned long long* state, int n) {
  __shared__ float buffer[BLOCK];
  __shared__ float before;
  const int tile = blockIdx.x, i = tile * BLOCK + threadIdx.x;
  unsigned long long* chain = state + (long long)blockIdx.y * gridDim.x;
  float v = block_scan<BLOCK>(i < n ? x[(long long)blockIdx.y * n + i] : 0.0f, buffer);
  if (threadIdx.x == BLOCK - 1) {
    float carry = 0.0f;
    if (tile > 0) {
      unsigned long long word;
      do {
        word = atomicAdd(&chain[tile - 1], 0ull);
      } while ((word >> 32) == 0);
      carry = __uint_as_float((unsigned)word);
    }
    unsigned long long mine = (1ull << 32) | __float_as_uint(carry + v);
    atomicExch(&chain[tile], mine);
    before = carry;
  }
  __syncthreads();
  if (i < n) y[(long long)blockIdx.y * n + i] = before + v;
}
