// kbench: task     fourier
// kbench: language cuda hip
// kbench: launch   fft<<<rows, 1 << (log_n - 1), 8 << log_n>>>(re, im, out_re, out_im, log_n)
#include <kbench.h>

__device__ float2 complexMul(float2 a, float2 b) {
  return make_float2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// One row in one block: bit-reversed into shared memory, then log2(n) rounds of butterflies.
__global__ void fft(const float* re, const float* im, float* outRe, float* outIm, int logN) {
  extern __shared__ float2 data[];
  const int n = 1 << logN;
  const size_t row = size_t(blockIdx.x) << logN;
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    data[__brev(i) >> (32 - logN)] = make_float2(re[row + i], im[row + i]);
  }
  __syncthreads();
  for (int half = 1; half < n; half <<= 1) {
    const int pair = threadIdx.x;
    const int k = pair & (half - 1);
    const int lower = ((pair - k) << 1) + k;
    float s, c;
    sincospif(-float(k) / half, &s, &c);
    const float2 u = data[lower];
    const float2 v = complexMul(data[lower + half], make_float2(c, s));
    data[lower] = make_float2(u.x + v.x, u.y + v.y);
    data[lower + half] = make_float2(u.x - v.x, u.y - v.y);
    __syncthreads();
  }
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    outRe[row + i] = data[i].x;
    outIm[row + i] = data[i].y;
  }
}
