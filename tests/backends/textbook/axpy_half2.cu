// Half precision by pairs: operators, comparisons and conversions of half2.
// kbench: task     axpy
// kbench: language cuda
// kbench: dtype    f16
// kbench: launch   haxpy<<<ceil_div(n, 256), 128>>>(n, alpha, x, y)
#include <cuda_fp16.h>

__global__ void haxpy(int n, float a, const half* x, half* y) {
  int start = threadIdx.x + blockDim.x * blockIdx.x;
  int stride = blockDim.x * gridDim.x;
  int n2 = n / 2;
  const half2* x2 = (const half2*)x;
  half2* y2 = (half2*)y;
  for (int i = start; i < n2; i += stride) {
    float2 fx = __half22float2(x2[i]), fy = __half22float2(y2[i]);
    half2 exact = __float22half2_rn(make_float2(fmaf(a, fx.x, fy.x), fmaf(a, fx.y, fy.y)));
    half2 rough = __hfma2(__float2half2_rn(a), x2[i], y2[i]);
    half2 difference = __habs2(exact - rough);
    half2 tolerance = __hmax2(__hmul2(__habs2(exact), __float2half2_rn(0.05f)), __floats2half2_rn(1e9f, 1e9f));
    half2 both = make_half2(__low2half(exact), __high2half(exact));
    y2[i] = __hble2(difference, tolerance) ? both : __half2half2(__ushort_as_half((unsigned short)0x7fffU));
  }
  if (start == 0 && (n % 2)) {
    half last = y[n - 1];
    last = __float2half_rn(a * __half2float(x[n - 1]) + __half2float(last));
    y[n - 1] = __hisnan(last) ? __int2half_rn(0) : last;
  }
}
