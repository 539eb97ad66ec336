// Work-efficient scan: up-sweep, down-sweep, a row at a time.
// kbench: task     prefix_sum
// kbench: language cuda
// kbench: launch   scan<<<rows, 128>>>(x, y, cols)
__global__ void scan(const float* g_idata, float* g_odata, int n) {
  __shared__ float temp[256];
  __shared__ float carry;
  int thid = threadIdx.x;
  if (thid == 0) carry = 0;
  for (int base = 0; base < n; base += 256) {
    int i0 = base + 2 * thid, i1 = i0 + 1;
    float v0 = i0 < n ? g_idata[(size_t)blockIdx.x * n + i0] : 0;
    float v1 = i1 < n ? g_idata[(size_t)blockIdx.x * n + i1] : 0;
    temp[2 * thid] = v0;
    temp[2 * thid + 1] = v1;
    int offset = 1;
    for (int d = 128; d > 0; d >>= 1) {
      __syncthreads();
      if (thid < d) {
        int ai = offset * (2 * thid + 1) - 1, bi = offset * (2 * thid + 2) - 1;
        temp[bi] += temp[ai];
      }
      offset *= 2;
    }
    __syncthreads();
    float total = temp[255], before = carry;
    __syncthreads();
    if (thid == 0) {
      carry = before + total;
      temp[255] = 0;
    }
    for (int d = 1; d < 256; d *= 2) {
      offset >>= 1;
      __syncthreads();
      if (thid < d) {
        int ai = offset * (2 * thid + 1) - 1, bi = offset * (2 * thid + 2) - 1;
        float t = temp[ai];
        temp[ai] = temp[bi];
        temp[bi] += t;
      }
    }
    __syncthreads();
    if (i0 < n) g_odata[(size_t)blockIdx.x * n + i0] = before + temp[2 * thid] + v0;
    if (i1 < n) g_odata[(size_t)blockIdx.x * n + i1] = before + temp[2 * thid + 1] + v1;
    __syncthreads();
  }
}
