// A tile raises its flag with nothing to order the sum before it.
// kbench: task     prefix_sum
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: buffer   ticket u32[rows] = 0
// kbench: buffer   flags i32[rows, ceil_div(cols, 32)] = 0
// kbench: buffer   sums f32[rows, ceil_div(cols, 32)]
// kbench: launch   chained<<<(ceil_div(cols, 32), rows), 32>>>(x, y, ticket, flags, sums, cols)
__global__ void chained(const x_t* x, y_t* y, unsigned* ticket, int* flags, float* sums, int n) {
  const int row = blockIdx.y, t = threadIdx.x;
  int tile = 0;
  if (t == 0) tile = atomicAdd(&ticket[row], 1u);
  tile = __shfl_sync(~0u, tile, 0);
  volatile int* flag = flags + row * gridDim.x;
  volatile float* sum = sums + row * gridDim.x;
  const int i = 32 * tile + t;
  float v = i < n ? float(x[(size_t)row * n + i]) : 0.f;
  for (int d = 1; d < 32; d *= 2) {
    const float w = __shfl_up_sync(~0u, v, d);
    if (t >= d) v += w;
  }
  float before = 0;
  if (t == 31) {
    if (tile > 0) {
      while (flag[tile - 1] == 0) {}  // caught: race
      __threadfence();
      before = sum[tile - 1];
    }
    sum[tile] = before + v;
#if !DEFECT
    __threadfence();
#endif
    flag[tile] = 1;
  }
  before = __shfl_sync(~0u, before, 31);
  if (i < n) y[(size_t)row * n + i] = y_t(before + v);
}
