// Storage types for kernels, the same names in every language: f16 and bf16 beside the fixed-width
// integers. Arithmetic is in float: both convert to it exactly and from it by rounding to nearest,
// ties to even. What cuda and hip sources get instead lies in backends/rtc and backends/simt.
#ifndef KBENCH_H
#define KBENCH_H

#if defined(__OPENCL_VERSION__)  // OpenCL C

typedef char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long int64_t;
typedef uchar uint8_t;
typedef ushort uint16_t;
typedef uint uint32_t;
typedef ulong uint64_t;
#if defined(cl_khr_fp16)
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
typedef half f16;
static inline float float_from_f16(f16 value) {
  return value;
}
static inline f16 f16_from_float(float value) {
  return (half)value;
}
#else  // PoCL on most CPUs: half is for storage
typedef struct {
  ushort bits;
} f16;
static inline float float_from_f16(f16 value) {
  return vload_half(0, (const half*)&value.bits);
}
static inline f16 f16_from_float(float value) {
  f16 result;
  vstore_half_rte(value, 0, (half*)&result.bits);
  return result;
}
#endif
typedef struct {
  ushort bits;
} bf16;
static inline float float_from_bf16(bf16 value) {
  return as_float((uint)value.bits << 16);
}
static inline bf16 bf16_from_float(float value) {
  const uint bits = as_uint(value);
  bf16 result;
  result.bits = isnan(value) ? (ushort)(bits >> 16 | 0x40)
                             : (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  return result;
}

// number_of(x_t, x[i]) can be reckoned with, stored_as(y_t, value) be put into a tensor, whatever
// the tensor's type. OpenCL C has neither overloads nor _Generic.
#define KBENCH_JOIN_NOW(a, b) a##b
#define KBENCH_JOIN(a, b) KBENCH_JOIN_NOW(a, b)
#define number_of(type, value) KBENCH_JOIN(kbench_number_of_, type)(value)
#define stored_as(type, value) KBENCH_JOIN(kbench_stored_as_, type)(value)
#define kbench_number_of_f16(value) float_from_f16(value)
#define kbench_number_of_bf16(value) float_from_bf16(value)
#define kbench_number_of_float(value) (value)
#define kbench_number_of_double(value) (value)
#define kbench_number_of_int32_t(value) (value)
#define kbench_stored_as_f16(value) f16_from_float(value)
#define kbench_stored_as_bf16(value) bf16_from_float(value)
#define kbench_stored_as_float(value) ((float)(value))
#define kbench_stored_as_double(value) ((double)(value))
#define kbench_stored_as_int32_t(value) ((int)(value))

#else  // C++ on the host; these includes are what the precompiled header saves

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

struct f16 {
  uint16_t bits;

  f16() = default;
  f16(float value) : bits(from_float(value)) {}
  operator float() const { return to_float(bits); }

#if defined(__F16C__)
  static uint16_t from_float(float value) {
    return _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
  }
  static float to_float(uint16_t bits) {
    return _cvtsh_ss(bits);
  }
#else
  static uint16_t from_float(float value) {
    const uint32_t word = __builtin_bit_cast(uint32_t, value);
    const uint32_t sign = word >> 16 & 0x8000, magnitude = word & 0x7fffffff;
    uint32_t result;
    if (magnitude > 0x7f800000) {
      result = 0x7e00 | (magnitude >> 13 & 0x1ff);  // a quiet NaN
    } else if (magnitude >= 0x477ff000) {
      result = 0x7c00;  // 65520 and more rounds to infinity
    } else if (magnitude < 0x38800000) {
      // A subnormal result is a multiple of 2^-24, the spacing of floats at 0.5: adding rounds.
      const float shifted = __builtin_bit_cast(float, magnitude) + 0.5f;
      result = __builtin_bit_cast(uint32_t, shifted) - 0x3f000000;
    } else {
      result = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
    }
    return static_cast<uint16_t>(sign | result);
  }
  static float to_float(uint16_t bits) {
    const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, magnitude = bits & 0x7fff;
    uint32_t word = __builtin_bit_cast(uint32_t, static_cast<float>(magnitude) * 0x1p-24f);
    if (magnitude >= 0x400) word = (magnitude << 13) + 0x38000000;
    if (magnitude >= 0x7c00) word = magnitude << 13 | 0x7f800000;
    return __builtin_bit_cast(float, sign | word);
  }
#endif
};

struct bf16 {
  uint16_t bits;

  bf16() = default;
  // A NaN is told by its bits: -ffast-math drops comparisons of a value with itself.
  bf16(float value) {
    const uint32_t word = __builtin_bit_cast(uint32_t, value);
    const bool nan = (word & 0x7fffffff) > 0x7f800000;
    bits =
        static_cast<uint16_t>(nan ? word >> 16 | 0x40 : (word + 0x7fff + (word >> 16 & 1)) >> 16);
  }
  operator float() const { return __builtin_bit_cast(float, static_cast<uint32_t>(bits) << 16); }
};

#endif
#endif
