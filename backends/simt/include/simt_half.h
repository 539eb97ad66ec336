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
using nv_bfloat162 = __nv_bfloat162;

// ---- Conversions

#define KBENCH_SMALL(Type, Pair, name, doubles)            \
  inline Type __float2##name(float value) {                \
    return Type(value);                                    \
  }                                                        \
  inline Type __float2##name##_rn(float value) {           \
    return Type(value);                                    \
  }                                                        \
  inline Type __double2##name(double value) {              \
    return Type(value);                                    \
  }                                                        \
  inline float __##name##2float(Type value) {              \
    return value;                                          \
  }                                                        \
  inline Pair __floats2##doubles##_rn(float x, float y) {  \
    return {x, y};                                         \
  }                                                        \
  inline Pair __float2##doubles##_rn(float x) {            \
    return {x, x};                                         \
  }                                                        \
  inline Pair __float22##doubles##_rn(float2 v) {          \
    return {v.x, v.y};                                     \
  }                                                        \
  inline float2 __##doubles##2float2(Pair v) {             \
    return {v.x, v.y};                                     \
  }                                                        \
  inline Pair __halves2##doubles(Type x, Type y) {         \
    return {x, y};                                         \
  }                                                        \
  inline Pair __##name##2##doubles(Type x) {               \
    return {x, x};                                         \
  }                                                        \
  inline Pair make_##doubles(Type x, Type y) {             \
    return {x, y};                                         \
  }                                                        \
  inline Type __low2##name(Pair v) {                       \
    return v.x;                                            \
  }                                                        \
  inline Type __high2##name(Pair v) {                      \
    return v.y;                                            \
  }                                                        \
  inline Pair __low2##doubles(Pair v) {                    \
    return {v.x, v.x};                                     \
  }                                                        \
  inline Pair __high2##doubles(Pair v) {                   \
    return {v.y, v.y};                                     \
  }                                                        \
  inline Pair __lows2##doubles(Pair a, Pair b) {           \
    return {a.x, b.x};                                     \
  }                                                        \
  inline Pair __highs2##doubles(Pair a, Pair b) {          \
    return {a.y, b.y};                                     \
  }                                                        \
  inline float __low2float(Pair v) {                       \
    return v.x;                                            \
  }                                                        \
  inline float __high2float(Pair v) {                      \
    return v.y;                                            \
  }                                                        \
  inline Type __ushort_as_##name(unsigned short v) {       \
    return kbench_simt::bits_as<Type>(v);                  \
  }                                                        \
  inline Type __short_as_##name(short v) {                 \
    return kbench_simt::bits_as<Type>(v);                  \
  }                                                        \
  inline unsigned short __##name##_as_ushort(Type v) {     \
    return v.bits;                                         \
  }                                                        \
  inline short __##name##_as_short(Type v) {               \
    return static_cast<short>(v.bits);                     \
  }                                                        \
  KBENCH_SMALL_INTEGER(Type, name, int, int)               \
  KBENCH_SMALL_INTEGER(Type, name, uint, unsigned)         \
  KBENCH_SMALL_INTEGER(Type, name, short, short)           \
  KBENCH_SMALL_INTEGER(Type, name, ushort, unsigned short) \
  KBENCH_SMALL_INTEGER(Type, name, ll, long long)          \
  KBENCH_SMALL_INTEGER(Type, name, ull, unsigned long long)
#define KBENCH_SMALL_INTEGER(Type, name, integer, Integer) \
  inline Type __##integer##2##name##_rn(Integer v) {       \
    return Type(v);                                        \
  }                                                        \
  inline Integer __##name##2##integer##_rn(Type v) {       \
    return static_cast<Integer>(std::rint(float(v)));      \
  }                                                        \
  inline Integer __##name##2##integer##_rz(Type v) {       \
    return static_cast<Integer>(float(v));                 \
  }                                                        \
  inline Integer __##name##2##integer##_rd(Type v) {       \
    return static_cast<Integer>(std::floor(float(v)));     \
  }                                                        \
  inline Integer __##name##2##integer##_ru(Type v) {       \
    return static_cast<Integer>(std::ceil(float(v)));      \
  }
KBENCH_SMALL(__half, __half2, half, half2)
KBENCH_SMALL(__nv_bfloat16, __nv_bfloat162, bfloat16, bfloat162)
#undef KBENCH_SMALL
#undef KBENCH_SMALL_INTEGER
inline __half __float2half_rz(float v) {
  return kbench_simt::bits_as<__half>(static_cast<uint16_t>(_cvtss_sh(v, _MM_FROUND_TO_ZERO)));
}
inline __half __float2half_rd(float v) {
  return kbench_simt::bits_as<__half>(static_cast<uint16_t>(_cvtss_sh(v, _MM_FROUND_TO_NEG_INF)));
}
inline __half __float2half_ru(float v) {
  return kbench_simt::bits_as<__half>(static_cast<uint16_t>(_cvtss_sh(v, _MM_FROUND_TO_POS_INF)));
}
inline __nv_bfloat16 __float2bfloat16_rz(float v) {
  return kbench_simt::bits_as<__nv_bfloat16>(
      static_cast<uint16_t>(kbench_simt::bits_as<uint32_t>(v) >> 16));
}

// ---- Arithmetic, of one number and of two

namespace kbench_simt {

template <class T>
T clamped(T v) {
  return float(v) > 0 ? float(v) < 1 ? v : T(1.0f) : T(0.0f);
}
template <class T>
T positive(T v) {
  return float(v) < 0 ? T(0.0f) : v;
}

}  // namespace kbench_simt

// Overloads for both types, not templates: `__hmul(x, 0.5f)` converts its second argument.
#define KBENCH_FOR_BOTH(define, ...) \
  define(__half, __half2, __VA_ARGS__) define(__nv_bfloat16, __nv_bfloat162, __VA_ARGS__)

// The exact product has 22 digits and the sum is taken in double: rounded once, like an fma.
#define KBENCH_TERNARY(T, Two, one, two, expression)                    \
  inline T one(T a, T b, T c) {                                         \
    const T sum(static_cast<float>(double(a) * double(b) + double(c))); \
    return expression;                                                  \
  }                                                                     \
  inline Two two(Two a, Two b, Two c) {                                 \
    return {one(a.x, b.x, c.x), one(a.y, b.y, c.y)};                    \
  }
KBENCH_FOR_BOTH(KBENCH_TERNARY, __hfma, __hfma2, sum)
KBENCH_FOR_BOTH(KBENCH_TERNARY, __hfma_sat, __hfma2_sat, kbench_simt::clamped(sum))
KBENCH_FOR_BOTH(KBENCH_TERNARY, __hfma_relu, __hfma2_relu, kbench_simt::positive(sum))
#undef KBENCH_TERNARY

#define KBENCH_BINARY(T, Two, one, two, expression) \
  inline T one(T a, T b) {                          \
    return T(expression);                           \
  }                                                 \
  inline Two two(Two a, Two b) {                    \
    return {one(a.x, b.x), one(a.y, b.y)};          \
  }
KBENCH_FOR_BOTH(KBENCH_BINARY, __hadd, __hadd2, a + b)
KBENCH_FOR_BOTH(KBENCH_BINARY, __hsub, __hsub2, a - b)
KBENCH_FOR_BOTH(KBENCH_BINARY, __hmul, __hmul2, a* b)
KBENCH_FOR_BOTH(KBENCH_BINARY, __hdiv, __h2div, a / b)
KBENCH_FOR_BOTH(KBENCH_BINARY, __hadd_rn, __hadd2_rn, a + b)
KBENCH_FOR_BOTH(KBENCH_BINARY, __hsub_rn, __hsub2_rn, a - b)
KBENCH_FOR_BOTH(KBENCH_BINARY, __hmul_rn, __hmul2_rn, a* b)
KBENCH_FOR_BOTH(KBENCH_BINARY, __hadd_sat, __hadd2_sat, kbench_simt::clamped(a + b))
KBENCH_FOR_BOTH(KBENCH_BINARY, __hsub_sat, __hsub2_sat, kbench_simt::clamped(a - b))
KBENCH_FOR_BOTH(KBENCH_BINARY, __hmul_sat, __hmul2_sat, kbench_simt::clamped(a* b))
KBENCH_FOR_BOTH(KBENCH_BINARY, __hmax, __hmax2, std::fmax(float(a), float(b)))
KBENCH_FOR_BOTH(KBENCH_BINARY, __hmin, __hmin2, std::fmin(float(a), float(b)))
KBENCH_FOR_BOTH(KBENCH_BINARY, __hmax_nan, __hmax2_nan,
                a == a && b == b ? std::fmax(float(a), float(b)) : NAN)
KBENCH_FOR_BOTH(KBENCH_BINARY, __hmin_nan, __hmin2_nan,
                a == a && b == b ? std::fmin(float(a), float(b)) : NAN)
#undef KBENCH_BINARY

#define KBENCH_UNARY(T, Two, one, two, expression) \
  inline T one(T v) {                              \
    return T(expression);                          \
  }                                                \
  inline Two two(Two v) {                          \
    return {one(v.x), one(v.y)};                   \
  }
KBENCH_FOR_BOTH(KBENCH_UNARY, __hneg, __hneg2, -v)
KBENCH_FOR_BOTH(KBENCH_UNARY, __habs, __habs2, std::fabs(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hrsqrt, h2rsqrt, 1.0f / std::sqrt(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hrcp, h2rcp, 1.0f / float(v))
KBENCH_FOR_BOTH(KBENCH_UNARY, hexp10, h2exp10, std::pow(10.0f, float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, htanh_approx, h2tanh_approx, std::tanh(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hexp, h2exp, std::exp(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hexp2, h2exp2, std::exp2(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hlog, h2log, std::log(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hlog2, h2log2, std::log2(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hlog10, h2log10, std::log10(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hsqrt, h2sqrt, std::sqrt(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hsin, h2sin, std::sin(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hcos, h2cos, std::cos(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, htanh, h2tanh, std::tanh(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hfloor, h2floor, std::floor(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hceil, h2ceil, std::ceil(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, htrunc, h2trunc, std::trunc(float(v)))
KBENCH_FOR_BOTH(KBENCH_UNARY, hrint, h2rint, std::rint(float(v)))
#undef KBENCH_UNARY
#define KBENCH_NOT_FINITE(T, Two, nan, infinite)             \
  inline bool nan(T v) {                                     \
    return v != v;                                           \
  }                                                          \
  inline int infinite(T v) {                                 \
    return std::isinf(float(v)) ? float(v) > 0 ? 1 : -1 : 0; \
  }                                                          \
  inline Two nan##2(Two v) {                                 \
    return {nan(v.x) ? 1.0f : 0.0f, nan(v.y) ? 1.0f : 0.0f}; \
  }                                                          \
  inline Two __lowhigh2highlow(Two v) {                      \
    return {v.y, v.x};                                       \
  }
KBENCH_FOR_BOTH(KBENCH_NOT_FINITE, __hisnan, __hisinf)
#undef KBENCH_NOT_FINITE

// Of pairs: as 1 and 0, whether both, and as masks; the forms with u are true of NaN.
#define KBENCH_COMPARED(T, Two, name, expression)                                           \
  inline bool __h##name(T a, T b) {                                                         \
    return expression;                                                                      \
  }                                                                                         \
  inline Two __h##name##2(Two a, Two b) {                                                   \
    return {__h##name(a.x, b.x) ? 1.0f : 0.0f, __h##name(a.y, b.y) ? 1.0f : 0.0f};          \
  }                                                                                         \
  inline bool __hb##name##2(Two a, Two b) {                                                 \
    return __h##name(a.x, b.x) && __h##name(a.y, b.y);                                      \
  }                                                                                         \
  inline unsigned __h##name##2_mask(Two a, Two b) {                                         \
    return (__h##name(a.x, b.x) ? 0xffffu : 0u) | (__h##name(a.y, b.y) ? 0xffff0000u : 0u); \
  }
KBENCH_FOR_BOTH(KBENCH_COMPARED, eq, a == b)
KBENCH_FOR_BOTH(KBENCH_COMPARED, ne, a<b || a> b)
KBENCH_FOR_BOTH(KBENCH_COMPARED, lt, a < b)
KBENCH_FOR_BOTH(KBENCH_COMPARED, le, a <= b)
KBENCH_FOR_BOTH(KBENCH_COMPARED, gt, a > b)
KBENCH_FOR_BOTH(KBENCH_COMPARED, ge, a >= b)
KBENCH_FOR_BOTH(KBENCH_COMPARED, equ, !(a < b || a > b))
KBENCH_FOR_BOTH(KBENCH_COMPARED, neu, a != b)
KBENCH_FOR_BOTH(KBENCH_COMPARED, ltu, !(a >= b))
KBENCH_FOR_BOTH(KBENCH_COMPARED, leu, !(a > b))
KBENCH_FOR_BOTH(KBENCH_COMPARED, gtu, !(a <= b))
KBENCH_FOR_BOTH(KBENCH_COMPARED, geu, !(a < b))
#undef KBENCH_COMPARED

#define KBENCH_OPERATOR(T, Two, sign, two)               \
  inline Two operator sign(const Two& a, const Two& b) { \
    return two(a, b);                                    \
  }                                                      \
  inline Two& operator sign##=(Two& a, const Two& b) {   \
    return a = two(a, b);                                \
  }
KBENCH_FOR_BOTH(KBENCH_OPERATOR, +, __hadd2)
KBENCH_FOR_BOTH(KBENCH_OPERATOR, -, __hsub2)
KBENCH_FOR_BOTH(KBENCH_OPERATOR, *, __hmul2)
KBENCH_FOR_BOTH(KBENCH_OPERATOR, /, __h2div)
#undef KBENCH_OPERATOR
#define KBENCH_OPERATOR(T, Two, sign, both)               \
  inline bool operator sign(const Two& a, const Two& b) { \
    return both(a, b);                                    \
  }
KBENCH_FOR_BOTH(KBENCH_OPERATOR, ==, __hbeq2)
KBENCH_FOR_BOTH(KBENCH_OPERATOR, <, __hblt2)
KBENCH_FOR_BOTH(KBENCH_OPERATOR, >, __hbgt2)
KBENCH_FOR_BOTH(KBENCH_OPERATOR, <=, __hble2)
KBENCH_FOR_BOTH(KBENCH_OPERATOR, >=, __hbge2)
#undef KBENCH_OPERATOR
#undef KBENCH_FOR_BOTH
inline __half2 operator-(const __half2& v) {
  return __hneg2(v);
}
inline __nv_bfloat162 operator-(const __nv_bfloat162& v) {
  return __hneg2(v);
}

#endif
