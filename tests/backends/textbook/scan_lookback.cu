// Single-pass scan with decoupled look-back: a tile publishes its sum, then its prefix.
// kbench: task     prefix_sum
// kbench: language cuda
// kbench: buffer   ticket u32[rows] = 0
// kbench: buffer   flags i32[rows, ceil_div(cols, 256)] = 0
// kbench: buffer   sums f32[rows, ceil_div(cols, 256)]
// kbench: buffer   prefixes f32[rows, ceil_div(cols, 256)]
// kbench: launch   lookback<<<(ceil_div(cols, 256), rows), 256>>>(x, y, ticket, flags, sums, prefixes, cols)
enum { kNothing = 0, kAggregate = 1, kPrefix = 2 };

__global__ void lookback(const float* x, float* y, unsigned* ticket, int* flags, float* sums,
                         float* prefixes, int n) {
  __shared__ int tile;
  __shared__ float warp_sums[8];
  __shared__ float exclusive;
  const int row = blockIdx.y, tiles = gridDim.x;
  if (threadIdx.x == 0) tile = atomicAdd(&ticket[row], 1u);
  __syncthreads();
  volatile int* flag = flags + row * tiles;
  volatile float* sum = sums + row * tiles;
  volatile float* prefix = prefixes + row * tiles;

  const int i = tile * blockDim.x + threadIdx.x, lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  float v = i < n ? x[(size_t)row * n + i] : 0.f;
  for (int d = 1; d < 32; d <<= 1) {
    float t = __shfl_up_sync(0xffffffffu, v, d);
    if (lane >= d) v += t;
  }
  if (lane == 31) warp_sums[warp] = v;
  __syncthreads();
  if (warp == 0) {
    float s = lane < 8 ? warp_sums[lane] : 0.f;
    for (int d = 1; d < 8; d <<= 1) {
      float t = __shfl_up_sync(0xffffffffu, s, d);
      if (lane >= d) s += t;
    }
    if (lane < 8) warp_sums[lane] = s;
  }
  __syncthreads();
  if (warp > 0) v += warp_sums[warp - 1];

  if (threadIdx.x == 0) {
    const float total = warp_sums[7];
    sum[tile] = total;
    __threadfence();
    flag[tile] = tile == 0 ? kPrefix : kAggregate;
    float before = 0.f;
    if (tile == 0) {
      prefix[0] = total;
      __threadfence();
    }
    for (int p = tile - 1; p >= 0; --p) {
      int state;
      while ((state = flag[p]) == kNothing) { }
      __threadfence();
      if (state == kPrefix && p > 0) {
        before += prefix[p];
        break;
      }
      before += sum[p];
    }
    if (tile > 0) {
      prefix[tile] = before + total;
      __threadfence();
      flag[tile] = kPrefix;
    }
    exclusive = before;
  }
  __syncthreads();
  if (i < n) y[(size_t)row * n + i] = exclusive + v;
}
