// Loads, arithmetic and barriers in PTX.
// kbench: task     rms_norm
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   rms<<<rows, 128>>>(x, gamma, y, eps, cols)
__device__ __forceinline__ float4 ld_nc(const float4* p) {
  float4 v;
  asm volatile("ld.global.nc.v4.f32 {%0, %1, %2, %3}, [%4];" : "=f"(v.x), "=f"(v.y), "=f"(v.z), "=f"(v.w) : "l"(p));
  return v;
}
__device__ __forceinline__ float ld_one(const float* p) {
  float v;
  asm("ld.global.ca.f32 %0, [%1];" : "=f"(v) : "l"(p));
  return v;
}
__device__ __forceinline__ unsigned lane_id() {
  unsigned id;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(id));
  return id;
}
__device__ __forceinline__ float rsqrt_ptx(float v) {
  float r;
  asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(v));
  return r;
}
__device__ __forceinline__ float fma_ptx(float a, float b, float c) {
  float d;
  asm("fma.rn.f32 %0, %1, %2, %3;" : "=f"(d) : "f"(a), "f"(b), "f"(c));
  return d;
}
#define BARRIER() asm volatile("bar.sync 0;" ::: "memory")

__global__ void rms(const float* x, const float* gamma, float* y, float eps, int cols) {
  __shared__ float sums[4];
  const float* row = x + (size_t)blockIdx.x * cols;
  asm volatile("prefetch.global.L2 [%0];" :: "l"(row));
  float s = 0.f;
  if (cols % 4 == 0) {
    for (int j = threadIdx.x; j < cols / 4; j += 128) {
      float4 v = ld_nc((const float4*)row + j);
      s = fma_ptx(v.x, v.x, s), s = fma_ptx(v.y, v.y, s), s = fma_ptx(v.z, v.z, s), s = fma_ptx(v.w, v.w, s);
    }
  } else {
    for (int j = threadIdx.x; j < cols; j += 128) {
      float v = ld_one(row + j);
      s = fma_ptx(v, v, s);
    }
  }
  for (int o = 16; o > 0; o /= 2) {
    float other;
    asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=f"(other) : "f"(s), "r"(o));
    s += other;
  }
  if (lane_id() == 0) sums[threadIdx.x / 32] = s;
  BARRIER();
  const float r = rsqrt_ptx((sums[0] + sums[1] + sums[2] + sums[3]) / cols + eps);
  for (int j = threadIdx.x; j < cols; j += 128) {
    float v = row[j] * r * gamma[j];
    asm volatile("st.global.cs.f32 [%0], %1;" :: "l"(y + (size_t)blockIdx.x * cols + j), "f"(v) : "memory");
  }
}
