// Mathematics and bit intrinsics. Fast forms are the exact ones: the emulated device proves
// algorithms, and what an approximation loses is a property of the real target.
#ifndef KBENCH_SIMT_MATH_H
#define KBENCH_SIMT_MATH_H

using std::isfinite;
using std::isinf;
using std::isnan;
using std::signbit;

template <class T, class U>
inline constexpr auto min(T a, U b) {
  using Both = std::common_type_t<T, U>;
  return static_cast<Both>(a) < static_cast<Both>(b) ? static_cast<Both>(a) : static_cast<Both>(b);
}
template <class T, class U>
inline constexpr auto max(T a, U b) {
  using Both = std::common_type_t<T, U>;
  return static_cast<Both>(a) > static_cast<Both>(b) ? static_cast<Both>(a) : static_cast<Both>(b);
}

inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / ::sqrt(x); }
inline float rsqrt(float x) { return rsqrtf(x); }
inline float rcbrtf(float x) { return 1.0f / cbrtf(x); }
inline float normcdff(float x) { return 0.5f * erfcf(-x * 0.70710678118654752f); }
inline float exp10f(float x) { return powf(10.0f, x); }
inline float sinpif(float x) { return sinf(3.14159265358979323846f * x); }
inline float cospif(float x) { return cosf(3.14159265358979323846f * x); }
inline void sincospif(float x, float* sine, float* cosine) {
  // Exact at multiples of a quarter, as the device's is.
  const double angle = 3.14159265358979323846 * remainder(static_cast<double>(x), 2.0);
  const double turns = x * 2.0;
  const bool whole = turns == rint(turns);
  *sine = whole && fmod(turns, 2.0) == 0 ? 0.0f : static_cast<float>(sin(angle));
  *cosine = whole && fmod(turns, 2.0) != 0 ? 0.0f : static_cast<float>(cos(angle));
}
inline float __saturatef(float x) { return x < 0 ? 0.0f : x > 1 ? 1.0f : x; }
inline float fdividef(float x, float y) { return x / y; }

inline float __expf(float x) { return expf(x); }
inline float __exp10f(float x) { return exp10f(x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float __log10f(float x) { return log10f(x); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __tanf(float x) { return tanf(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __fdividef(float x, float y) { return x / y; }
inline float __fadd_rn(float x, float y) { return x + y; }
inline float __fsub_rn(float x, float y) { return x - y; }
inline float __fmul_rn(float x, float y) { return x * y; }
inline float __fdiv_rn(float x, float y) { return x / y; }
inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __frsqrt_rn(float x) { return 1.0f / sqrtf(x); }
inline double __dadd_rn(double x, double y) { return x + y; }
inline double __dmul_rn(double x, double y) { return x * y; }
inline void __sincosf(float x, float* sine, float* cosine) {
  *sine = sinf(x);
  *cosine = cosf(x);
}

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __clzll(long long x) {
  return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x));
}
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned __brev(unsigned x) {
  x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
  x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
  x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
  return __builtin_bswap32(x);
}
inline unsigned long long __brevll(unsigned long long x) {
  return static_cast<unsigned long long>(__brev(static_cast<unsigned>(x))) << 32 |
         __brev(static_cast<unsigned>(x >> 32));
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const uint64_t both = static_cast<uint64_t>(y) << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    result |= static_cast<unsigned>(both >> (selector >> 4 * i & 7) * 8 & 0xff) << 8 * i;
  }
  return result;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((static_cast<uint64_t>(high) << 32 | low) << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((static_cast<uint64_t>(high) << 32 | low) >> (shift & 31));
}
inline int __mul24(int x, int y) { return x * y; }
inline int __mulhi(int x, int y) { return static_cast<int>(static_cast<int64_t>(x) * y >> 32); }
inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>(static_cast<uint64_t>(x) * y >> 32);
}
inline unsigned __sad(int x, int y, unsigned z) {
  return static_cast<unsigned>(x < y ? y - x : x - y) + z;
}
inline int __dp4a(int a, int b, int c) {
  for (int i = 0; i < 4; ++i) {
    c += static_cast<int8_t>(a >> 8 * i) * static_cast<int8_t>(b >> 8 * i);
  }
  return c;
}

inline int __float_as_int(float x) { return kbench_simt::bits_as<int>(x); }
inline unsigned __float_as_uint(float x) { return kbench_simt::bits_as<unsigned>(x); }
inline float __int_as_float(int x) { return kbench_simt::bits_as<float>(x); }
inline float __uint_as_float(unsigned x) { return kbench_simt::bits_as<float>(x); }
inline long long __double_as_longlong(double x) { return kbench_simt::bits_as<long long>(x); }
inline double __longlong_as_double(long long x) { return kbench_simt::bits_as<double>(x); }
inline int __float2int_rn(float x) { return static_cast<int>(rintf(x)); }
inline int __float2int_rz(float x) { return static_cast<int>(x); }
inline int __float2int_rd(float x) { return static_cast<int>(floorf(x)); }
inline int __float2int_ru(float x) { return static_cast<int>(ceilf(x)); }
inline unsigned __float2uint_rn(float x) { return static_cast<unsigned>(rintf(x)); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }

// Inlined, so that an access is reported at the line that calls them.
template <class T>
__attribute__((always_inline)) inline T __ldg(const T* address) {
  return *address;
}
template <class T>
__attribute__((always_inline)) inline T __ldcs(const T* address) {
  return *address;
}
template <class T>
__attribute__((always_inline)) inline T __ldcg(const T* address) {
  return *address;
}
template <class T>
__attribute__((always_inline)) inline void __stcs(T* address, std::type_identity_t<T> value) {
  *address = value;
}
template <class T>
__attribute__((always_inline)) inline void __stcg(T* address, std::type_identity_t<T> value) {
  *address = value;
}

inline long long clock64() { return 0; }

#define CUDART_INF_F __builtin_inff()
#define CUDART_NAN_F __builtin_nanf("")
#define CUDART_PI_F 3.141592654f

#endif
