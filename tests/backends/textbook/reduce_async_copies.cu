// kbench: task     row_sum
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   reduceAsync<<<rows, 128>>>(x, y, rows, cols)
#include <kbench.h>

constexpr int THREADS = 128, DEPTH = 3;

__device__ unsigned smemAddress(const void* pointer) {
  unsigned address;
  asm("{\n"
      "  .reg .u64 generic;\n"
      "  cvta.to.shared.u64 generic, %1;\n"
      "  cvt.u32.u64 %0, generic;\n"
      "}\n"
      : "=r"(address)
      : "l"(pointer));
  return address;
}

// Copies four bytes if `valid`; what is there stays otherwise.
#define ASYNC_COPY_4_IF(valid, smem, global)                            \
  asm volatile(                                                         \
      "{\n"                                                             \
      "  .reg .pred p;\n"                                               \
      "  setp.ne.b32 p, %[valid], 0;  // a predicate of its own\n"      \
      "  @p cp.async.ca.shared.global [%[to]], [%[from]], 4;\n"         \
      "}\n" ::[valid] "r"(int(valid)),                                  \
      [to] "r"(smem), [from] "l"(global))

// Each thread runs DEPTH - 1 elements ahead of what it adds up, in places of its own.
__global__ void reduceAsync(const float* x, float* y, int rows, int cols) {
  __shared__ float stage[DEPTH][THREADS];
  __shared__ float warpSums[THREADS / 32];
  const int t = threadIdx.x;
  const float* row = x + size_t(blockIdx.x) * cols;
  const int steps = (cols + THREADS - 1) / THREADS;
  for (int s = 0; s < DEPTH - 1; ++s) {
    const int col = s * THREADS + t;
    ASYNC_COPY_4_IF(col < cols, smemAddress(&stage[s][t]), row + col);
    asm volatile("cp.async.commit_group;");
  }
  float sum = 0.0f;
  for (int s = 0; s < steps; ++s) {
    const int ahead = (s + DEPTH - 1) * THREADS + t;
    ASYNC_COPY_4_IF(ahead < cols, smemAddress(&stage[(s + DEPTH - 1) % DEPTH][t]), row + ahead);
    asm volatile("cp.async.commit_group;");
    asm volatile("cp.async.wait_group %0;" ::"n"(DEPTH - 1));
    if (s * THREADS + t < cols) sum += stage[s % DEPTH][t];
  }
  for (int offset = 16; offset > 0; offset >>= 1) sum += __shfl_down_sync(~0u, sum, offset);
  if (t % 32 == 0) warpSums[t / 32] = sum;
  __syncthreads();
  if (t == 0) {
    for (int w = 1; w < THREADS / 32; ++w) sum += warpSums[w];
    y[blockIdx.x] = sum;
  }
}
