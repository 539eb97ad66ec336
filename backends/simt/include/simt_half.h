// Half precision and bfloat16: storage of 16 bits, every operation in float and rounded once, which
// is what the hardware's own operations give (float has more than twice their digits).
#ifndef KBENCH_SIMT_HALF_H
#define KBENCH_SIMT_HALF_H

#include <immintrin.h>

namespace kbench_simt {

inline uint16_t half_bits(float value) {
  return static_cast<uint16_t>(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT));
}
inline float half_value(uint16_t bits) {
  return _cvtsh_ss(bits);
}
inline uint16_t bfloat_bits(float value) {
  const uint32_t word = bits_as<uint32_t>(value);
  if ((word & 0x7fffffff) > 0x7f800000) return static_cast<uint16_t>(word >> 16 | 0x40);
  return static_cast<uint16_t>((word + 0x7fff + (word >> 16 & 1)) >> 16);
}
inline float bfloat_value(uint16_t bits) {
  return bits_as<float>(static_cast<uint32_t>(bits) << 16);
}

}  // namespace kbench_simt

// A namespace of its own: functions beside a type are found for its pointers, ahead of a kernel's.
namespace kbench_numbers {

// `to` rounds a float to the 16 bits that `from` widens.
template <uint16_t (*to)(float), float (*from)(uint16_t)>
struct Small {
  uint16_t bits;

  Small() = default;
  Small(float value) : bits(to(value)) {}
  Small(double value) : bits(to(static_cast<float>(value))) {}
  template <class Integer, class = std::enable_if_t<std::is_integral_v<Integer>>>
  Small(Integer value) : bits(to(static_cast<float>(value))) {}
  operator float() const { return from(bits); }

  Small& operator+=(Small other) { return *this = *this + other; }
  Small& operator-=(Small other) { return *this = *this - other; }
  Small& operator*=(Small other) { return *this = *this * other; }
  Small& operator/=(Small other) { return *this = *this / other; }
  friend Small operator+(Small a, Small b) { return Small(float(a) + float(b)); }
  friend Small operator-(Small a, Small b) { return Small(float(a) - float(b)); }
  friend Small operator*(Small a, Small b) { return Small(float(a) * float(b)); }
  friend Small operator/(Small a, Small b) { return Small(float(a) / float(b)); }
  friend Small operator-(Small a) { return Small(-float(a)); }
  friend bool operator==(Small a, Small b) { return float(a) == float(b); }
  friend bool operator<(Small a, Small b) { return float(a) < float(b); }
  friend bool operator>(Small a, Small b) { return float(a) > float(b); }
  friend bool operator<=(Small a, Small b) { return float(a) <= float(b); }
  friend bool operator>=(Small a, Small b) { return float(a) >= float(b); }
};

}  // namespace kbench_numbers

using __half = kbench_numbers::Small<kbench_simt::half_bits, kbench_simt::half_value>;
using __nv_bfloat16 = kbench_numbers::Small<kbench_simt::bfloat_bits, kbench_simt::bfloat_value>;
using half = __half;
using nv_bfloat16 = __nv_bfloat16;
using hip_bfloat16 = __nv_bfloat16;

template <class Element>
struct alignas(4) kbench_pair {
  Element x, y;
};
using __half2 = kbench_pair<__half>;
using half2 = __half2;
using __nv_bfloat162 = kbench_pair<__nv_bfloat16>;

#define KBENCH_SMALL(Type, Pair, to, from)                                                         \
  inline Type to(float value) { return Type(value); }                                              \
  inline Type to##_rn(float value) { return Type(value); }                                         \
  inline float from(Type value) { return value; }
KBENCH_SMALL(__half, __half2, __float2half, __half2float)
KBENCH_SMALL(__nv_bfloat16, __nv_bfloat162, __float2bfloat16, __bfloat162float)
#undef KBENCH_SMALL
inline __half2 __floats2half2_rn(float x, float y) { return {x, y}; }
inline __half2 __float2half2_rn(float x) { return {x, x}; }
inline __half2 __halves2half2(__half x, __half y) { return {x, y}; }
inline __half2 __half2half2(__half x) { return {x, x}; }
inline float2 __half22float2(__half2 v) { return {v.x, v.y}; }
inline __half __low2half(__half2 v) { return v.x; }
inline __half __high2half(__half2 v) { return v.y; }
inline float __low2float(__half2 v) { return v.x; }
inline float __high2float(__half2 v) { return v.y; }
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {x, y}; }
inline float2 __bfloat1622float2(__nv_bfloat162 v) { return {v.x, v.y}; }
inline __half __ushort_as_half(unsigned short bits) { return kbench_simt::bits_as<__half>(bits); }
inline unsigned short __half_as_ushort(__half v) { return v.bits; }

namespace kbench_simt {

template <class T>
constexpr bool is_small = std::is_same_v<T, __half> || std::is_same_v<T, __nv_bfloat16>;
template <class T>
using IfSmall = std::enable_if_t<is_small<T>, T>;

}  // namespace kbench_simt

template <class T> inline kbench_simt::IfSmall<T> __hadd(T a, T b) { return a + b; }
template <class T> inline kbench_simt::IfSmall<T> __hsub(T a, T b) { return a - b; }
template <class T> inline kbench_simt::IfSmall<T> __hmul(T a, T b) { return a * b; }
template <class T> inline kbench_simt::IfSmall<T> __hdiv(T a, T b) { return a / b; }
template <class T> inline kbench_simt::IfSmall<T> __hneg(T a) { return -a; }
// The exact product has 22 digits and the sum is taken in double: rounded once, like an fma.
template <class T> inline kbench_simt::IfSmall<T> __hfma(T a, T b, T c) {
  return T(static_cast<float>(double(a) * double(b) + double(c)));
}
template <class T> inline kbench_simt::IfSmall<T> __hmax(T a, T b) { return std::fmax(float(a), float(b)); }
template <class T> inline kbench_simt::IfSmall<T> __hmin(T a, T b) { return std::fmin(float(a), float(b)); }
template <class T> inline bool __hlt(T a, T b) { return a < b; }
template <class T> inline bool __hgt(T a, T b) { return a > b; }
template <class T> inline bool __heq(T a, T b) { return a == b; }
template <class T> inline kbench_pair<T> __hadd2(kbench_pair<T> a, kbench_pair<T> b) { return {a.x + b.x, a.y + b.y}; }
template <class T> inline kbench_pair<T> __hsub2(kbench_pair<T> a, kbench_pair<T> b) { return {a.x - b.x, a.y - b.y}; }
template <class T> inline kbench_pair<T> __hmul2(kbench_pair<T> a, kbench_pair<T> b) { return {a.x * b.x, a.y * b.y}; }
template <class T>
inline kbench_pair<T> __hfma2(kbench_pair<T> a, kbench_pair<T> b, kbench_pair<T> c) {
  return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)};
}
inline __half hexp(__half v) { return std::exp(float(v)); }
inline __half hlog(__half v) { return std::log(float(v)); }
inline __half hsqrt(__half v) { return std::sqrt(float(v)); }
inline __half hrsqrt(__half v) { return 1.0f / std::sqrt(float(v)); }

#endif
