// Names that a C library also has: they belong to the kernel's writer.
// kbench: task     conv2d
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   convolve<<<(ceil_div((width + 2 * padding - kernel) / stride + 1, 32), (height + 2 * padding - kernel) / stride + 1, batch * filters), 32>>>(x, weight, y, channels, height, width, filters, kernel, stride, padding)
struct pair { int first, second; };
struct stat { int index, time; };
__constant__ int gamma[2] = {1, -1};
__device__ int index(int a, int b, int c) { return a * b + c; }
__device__ inline float select(bool which, float a, float b) { return which ? a : b; }
__device__ float clamp(float v, float lo, float hi) { return fminf(fmaxf(v, lo), hi); }
__device__ float lerp(float a, float b, float t) { return fma(t, b, fma(-t, a, a)); }
__device__ int remove = 0, signal = 1, wait = 2, read = 3, link = 4;
__device__ float beta = 1.0f;
__device__ int time(int t) { return t; }
template <typename T> __device__ void swap(T& a, T& b) { T c(a); a = b; b = c; }
template <typename T> __device__ T reduce(T a, T b) { return a + b; }
typedef unsigned int uint;
typedef unsigned long ulong;
__global__ void convolve(const float* x, const float* w, float* y, int C, int H, int W, int F, int K, int stride, int pad) {
  const int OH = (H + 2 * pad - K) / stride + 1, OW = (W + 2 * pad - K) / stride + 1;
  const uint j = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y;
  const int b = blockIdx.z / F, f = blockIdx.z % F;
  if (j >= OW) return;
  pair corner{(int)i * stride - pad, (int)j * stride - pad};
  stat where{index(0, 0, 0), time(0)};
  float sum = where.index + where.time;
  for (int c = 0; c < C; ++c)
    for (int p = 0; p < K; ++p)
      for (int q = 0; q < K; ++q) {
        const int r = corner.first + p, s = corner.second + q;
        const bool inside = r >= 0 && r < H && s >= 0 && s < W;
        float v = select(inside, x[((b * C + c) * H + (inside ? r : 0)) * W + (inside ? s : 0)], 0.f);
        float g = w[((f * C + c) * K + p) * K + q];
        swap(v, g);
        sum = reduce(sum, v * g * gamma[remove] * clamp(2.f, 0.f, 1.f) * lerp(1.f, 1.f, 0.5f) * beta);
      }
  y[((b * F + f) * OH + i) * OW + j] = sum;
}
