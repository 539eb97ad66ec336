// The largest number with its place packed into 64 bits, by atomicMax.
// kbench: task     argmax
// kbench: language cuda
// kbench: buffer   best u64[rows] = 0
// kbench: launch   largest<<<(rows, 2), 64>>>(x, best, cols)
// kbench: launch   unpack<<<ceil_div(rows, 64), 64>>>(best, y, rows)
__device__ unsigned long long pack(float value, int place) {
  unsigned bits = __float_as_uint(value);
  bits = (bits & 0x80000000u) ? ~bits : bits | 0x80000000u;
  return ((unsigned long long)bits << 32) | (0xffffffffu - (unsigned)place);
}

__global__ void largest(const float* x, uint64_t* best, int cols) {
  unsigned long long mine = 0;
  for (int i = blockIdx.y * blockDim.x + threadIdx.x; i < cols; i += gridDim.y * blockDim.x) {
    mine = max(mine, pack(x[(size_t)blockIdx.x * cols + i], i));
  }
  atomicMax((unsigned long long*)&best[blockIdx.x], mine);
}

__global__ void unpack(const uint64_t* best, int* y, int rows) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < rows) y[i] = (int)(0xffffffffu - (unsigned)(best[i] & 0xffffffffu));
}
