// Every intrinsic must agree with what it is said to be; then gelu.
// kbench: task     gelu
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   gelu<<<ceil_div(n, 128), 128>>>(x, y, n)
__device__ bool bits_agree(unsigned a, unsigned b, float f) {
  bool ok = __brev(__brev(a)) == a && __popc(a) + __popc(~a) == 32;
  ok &= __clz(a) == (a ? 31 - (int)floorf(log2f((float)a) + 0.0f) : 32) || a > 0xffffff;
  ok &= __funnelshift_l(a, b, 8) == ((b << 8) | (a >> 24)) && __funnelshift_r(a, b, 8) == ((a >> 8) | (b << 24));
  ok &= __funnelshift_rc(a, b, 40) == b && __umulhi(a, b) == (unsigned)(((unsigned long long)a * b) >> 32);
  ok &= __umul24(a & 0xffffff, 3) == (a & 0xffffff) * 3 && __usad(a, b, 1u) == (a > b ? a - b : b - a) + 1;
  ok &= __dp4a(0x01010101, 0x02020202, 5) == 13 && __dp4a(0x01010101u, 0xff020202u, 0u) == 261u;
  ok &= __vadd4(0x01020304, 0xff010101) == 0x00030405 && __vmaxu4(0x01ff0304, 0x02010101) == 0x02ff0304;
  ok &= __vabsdiffu4(0x05000000, 0x02010000) == 0x03010000 && __vcmpeq2(0x00010002, 0x00010003) == 0xffff0000;
  ok &= __hadd(3, 6) == 4 && __rhadd(3, 6) == 5 && __uhadd(3u, 6u) == 4u;
  ok &= __ffsll(1ll << 40) == 41 && __clzll(1) == 63 && __mul64hi(1ll << 40, 1ll << 40) == 1 << 16;
  ok &= __float2int_rz(f) == (int)f && __float2uint_rz(fabsf(f)) == (unsigned)fabsf(f) && __int2float_rz(7) == 7.f;
  ok &= __double2int_rn(2.5) == 2 && __hiloint2double(__double2hiint(1.5), __double2loint(1.5)) == 1.5;
  ok &= __float2ll_rn(2.5f) == 2ll && __double2float_rn(0.5) == 0.5f && __fns(0xf0u, 0, 1) == 4;
  ok &= __fadd_rd(1.f, 1e-20f) == 1.f && __fadd_ru(1.f, 1e-20f) > 1.f && __fmul_rz(f, 1.f) == f;
  ok &= min(3, 4u) == 3 && max(-1ll, 2ll) == 2 && umin(3u, 4u) == 3u && abs(-3) == 3 && abs(-2.5f) == 2.5f;
  ok &= isnan(NAN) && isinf(INFINITY) && !isfinite(INFINITY) && signbit(-1.f);
  return ok;
}
__device__ bool mathematics(float v) {
  const float p = 0.3f;
  bool ok = fabsf(normcdff(normcdfinvf(p)) - p) < 1e-5f && fabsf(erff(erfinvf(p)) - p) < 1e-5f;
  ok &= fabsf(erfcf(erfcinvf(p)) - p) < 1e-5f && fabsf(erfcxf(v * v) - expf(v * v * v * v) * erfcf(v * v)) < 1e-3f * erfcxf(v * v) || v * v > 2;
  float s, c;
  sincospif(0.5f, &s, &c);
  ok &= s == 1.f && c == 0.f && sinpif(1.f) == 0.f && cospif(0.5f) == 0.f;
  sincosf(v, &s, &c);
  ok &= fabsf(s * s + c * c - 1) < 1e-5f && rhypotf(3.f, 4.f) == 0.2f && norm3df(1.f, 2.f, 2.f) == 3.f && rnorm3df(1.f, 2.f, 2.f) == 1.f / 3;
  ok &= __saturatef(2.f) == 1.f && exp10f(2.f) == 100.f && ldexpf(1.f, 3) == 8.f && fdividef(1.f, 2.f) == 0.5f;
  ok &= fabsf(j0f(0.f) - 1.f) < 1e-6f && fabsf(cyl_bessel_i0f(0.f) - 1.f) < 1e-6f && fabsf(tgammaf(5.f) - 24.f) < 1e-3f;
  ok &= nextafterf(1.f, 2.f) > 1.f && copysignf(1.f, -2.f) == -1.f && rcbrtf(8.f) == 0.5f && fmaf(2.f, 3.f, 4.f) == 10.f;
  ok &= sqrt(4.f) == 2.f && pow(2.f, 3) == 8.f && exp(0.f) == 1.f && fmod(5.f, 3.f) == 2.f && rsqrt(4.0) == 0.5 && fabs(tanhf(0.5f) - 0.46211716f) < 1e-6;
  return ok;
}
__global__ void gelu(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  long long begin = clock64();
  if (i < n) {
    const float v = __ldg(x + i);
    const unsigned a = __float_as_uint(v);
    const bool ok = bits_agree(a, a * 2654435761u, v) && mathematics(fminf(fmaxf(v, -3.f), 3.f));
    y[i] = ok ? 0.5f * v * erfcf(-v * 0.707106781186547524f) : __int_as_float(0x7fffffff);
  }
  if (clock64() < begin) y[0] = clock();
}
