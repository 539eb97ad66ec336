// Arithmetic, bits, conversions and memory in PTX, each held against what C++ gives.
// kbench: task     gelu
// kbench: language cuda
// kbench: dtype    f32
// kbench: buffer   count u32[1] = 0
// kbench: launch   gelu<<<ceil_div(n, 64), 64>>>(x, y, count, n)
#include <cuda_fp16.h>
__device__ bool check(unsigned a, unsigned b, float f) {
  unsigned d; unsigned long long w; float g; int s; bool ok = true;
  asm("mul.wide.u32 %0, %1, %2;" : "=l"(w) : "r"(a), "r"(b)); ok &= w == (unsigned long long)a * b;
  asm("mul.hi.u32 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(b)); ok &= d == __umulhi(a, b);
  asm("mad.lo.u32 %0, %1, %2, 7;" : "=r"(d) : "r"(a), "r"(b)); ok &= d == a * b + 7;
  asm("bfe.u32 %0, %1, 4, 8;" : "=r"(d) : "r"(a)); ok &= d == (a >> 4 & 255);
  asm("bfe.s32 %0, %1, 4, 8;" : "=r"(s) : "r"(a)); ok &= s == (signed char)(a >> 4);
  asm("bfi.b32 %0, %1, %2, 8, 8;" : "=r"(d) : "r"(a), "r"(b)); ok &= d == ((b & ~0xff00u) | (a & 255) << 8);
  asm("prmt.b32 %0, %1, %2, 0x0123;" : "=r"(d) : "r"(a), "r"(b)); ok &= d == __byte_perm(a, 0, 0x0123);
  asm("shf.l.wrap.b32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(5)); ok &= d == __funnelshift_l(a, b, 5);
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(g) : "f"(3.f)); ok &= g == 8.f;
  asm("rcp.rn.f32 %0, %1;" : "=f"(g) : "f"(4.f)); ok &= g == 0.25f;
  asm("{\n\t.reg .pred p;\n\tsetp.gt.f32 p, %1, 0f00000000;\n\tselp.f32 %0, 0f3F800000, 0fBF800000, p;\n\t}" : "=f"(g) : "f"(f)); ok &= g == (f > 0 ? 1.f : -1.f);
  asm("cvt.rzi.s32.f32 %0, %1;" : "=r"(s) : "f"(f)); ok &= s == (int)f;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(d) : "f"(2.f), "f"(1.f)); half2 h = *(half2*)&d; ok &= __low2float(h) == 1.f && __high2float(h) == 2.f;
  asm("fma.rn.f16x2 %0, %1, %1, %1;" : "=r"(d) : "r"(d)); h = *(half2*)&d; ok &= __low2float(h) == 2.f && __high2float(h) == 6.f;
  asm("add.f16x2 %0, %1, %1;" : "=r"(d) : "r"(d)); h = *(half2*)&d; ok &= __low2float(h) == 4.f;
  asm("popc.b32 %0, %1;" : "=r"(d) : "r"(a)); ok &= d == __popc(a);
  asm("max.s32 %0, %1, %2;" : "=r"(s) : "r"(-3), "r"(2)); ok &= s == 2;
  asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(s) : "r"(0x01010101), "r"(0x02020202), "r"(1)); ok &= s == 9;
  asm("mov.b32 %0, %1;" : "=r"(d) : "f"(f)); ok &= d == __float_as_uint(f);
  asm("shr.s32 %0, %1, 31;" : "=r"(s) : "r"(-5)); ok &= s == -1;
  return ok;
}
__global__ void gelu(const float* x, float* y, unsigned* count, int n) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  __shared__ float s[64];
  unsigned at = (unsigned)__cvta_generic_to_shared(&s[threadIdx.x]);
  if (i < n) {
    float v, u;
    asm volatile("ld.global.L1::no_allocate.f32 %0, [%1];" : "=f"(v) : "l"(x + i));
    asm volatile("st.shared.f32 [%0], %1;" :: "r"(at), "f"(v));
    asm volatile("ld.shared.f32 %0, [%1 + 0];" : "=f"(u) : "r"(at));
    asm volatile("red.global.add.u32 [%0], 1;" :: "l"(count) : "memory");
    const bool ok = check(__float_as_uint(v), 77u + i, v);
    y[i] = ok ? u * normcdff(u) : nanf("");
  }
}
