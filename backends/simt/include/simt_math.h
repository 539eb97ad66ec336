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

namespace kbench_simt {

constexpr double kPi = 3.14159265358979323846;

// sin(pi x): exact at multiples of a half, as the device's is.
inline double sine_of_turns(double x) {
  const double part = remainder(x, 2.0);
  if (part == rint(part)) return 0.0 * part;
  return fabs(part) == 0.5 ? 2 * part : sin(kPi * part);
}
inline double cosine_of_turns(double x) {
  return sine_of_turns(fabs(remainder(x, 2.0)) + 0.5);
}
// Where the cumulative normal distribution is p: a rational first guess (Abramowitz and Stegun
// 26.2.23), then Halley's steps.
inline double normal_quantile(double p) {
  if (!(p > 0) || !(p < 1)) return p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN;
  const double t = sqrt(-2 * log(p < 0.5 ? p : 1 - p));
  double x = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                     (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  if (p < 0.5) x = -x;
  for (int step = 0; step < 4; ++step) {
    const double off =
        (0.5 * erfc(-x * 0.70710678118654752440) - p) * 2.50662827463100050242 * exp(x * x / 2);
    x -= off / (1 + x * off / 2);
  }
  return x;
}
inline double inverse_erf(double y) {
  if (!(fabs(y) < 1)) return fabs(y) == 1 ? y * INFINITY : NAN;
  double x = normal_quantile(0.5 * y + 0.5) * 0.70710678118654752440;
  if (fabs(y) < 0.5) {
    for (int step = 0; step < 2; ++step) x -= (erf(x) - y) * 0.88622692545275801365 * exp(x * x);
  }
  return x;
}
// exp(x^2) erfc(x)
inline double scaled_erfc(double x) {
  if (x < 20) return exp(x * x) * erfc(x);
  const double s = 1 / (2 * x * x);
  return (1 - s * (1 - 3 * s * (1 - 5 * s))) / (x * 1.77245385090551602730);
}

}  // namespace kbench_simt

// Of a function in double: that, and its form for floats.
#define KBENCH_REAL_1(name, expression)    \
  inline double name(double x) {           \
    return expression;                     \
  }                                        \
  inline float name##f(float v) {          \
    const double x = v;                    \
    return static_cast<float>(expression); \
  }
#define KBENCH_REAL_2(name, expression)    \
  inline double name(double x, double y) { \
    return expression;                     \
  }                                        \
  inline float name##f(float a, float b) { \
    const double x = a, y = b;             \
    return static_cast<float>(expression); \
  }
#define KBENCH_REAL_3(name, expression)              \
  inline double name(double x, double y, double z) { \
    return expression;                               \
  }                                                  \
  inline float name##f(float a, float b, float c) {  \
    const double x = a, y = b, z = c;                \
    return static_cast<float>(expression);           \
  }
KBENCH_REAL_1(rsqrt, 1.0 / ::sqrt(x))
KBENCH_REAL_1(rcbrt, 1.0 / ::cbrt(x))
KBENCH_REAL_1(sinpi, kbench_simt::sine_of_turns(x))
KBENCH_REAL_1(cospi, kbench_simt::cosine_of_turns(x))
KBENCH_REAL_1(tanpi, kbench_simt::sine_of_turns(x) / kbench_simt::cosine_of_turns(x))
KBENCH_REAL_1(normcdf, 0.5 * ::erfc(-x * 0.70710678118654752440))
KBENCH_REAL_1(normcdfinv, kbench_simt::normal_quantile(x))
KBENCH_REAL_1(erfinv, kbench_simt::inverse_erf(x))
KBENCH_REAL_1(erfcinv, -kbench_simt::normal_quantile(x / 2) * 0.70710678118654752440)
KBENCH_REAL_1(erfcx, kbench_simt::scaled_erfc(x))
KBENCH_REAL_1(cyl_bessel_i0, std::cyl_bessel_i(0.0, ::fabs(x)))
KBENCH_REAL_1(cyl_bessel_i1, std::copysign(std::cyl_bessel_i(1.0, ::fabs(x)), x))
KBENCH_REAL_2(rhypot, 1.0 / ::hypot(x, y))
KBENCH_REAL_3(norm3d, ::sqrt(x* x + y * y + z * z))
KBENCH_REAL_3(rnorm3d, 1.0 / ::sqrt(x * x + y * y + z * z))
#undef KBENCH_REAL_1
#undef KBENCH_REAL_2
#undef KBENCH_REAL_3
inline float rsqrt(float x) {
  return rsqrtf(x);
}
inline float rcbrt(float x) {
  return rcbrtf(x);
}
inline double norm4d(double x, double y, double z, double w) {
  return ::sqrt(x * x + y * y + z * z + w * w);
}
inline float norm4df(float x, float y, float z, float w) {
  return static_cast<float>(norm4d(x, y, z, w));
}
inline double rnorm4d(double x, double y, double z, double w) {
  return 1.0 / norm4d(x, y, z, w);
}
inline float rnorm4df(float x, float y, float z, float w) {
  return static_cast<float>(rnorm4d(x, y, z, w));
}
inline void sincospif(float x, float* sine, float* cosine) {
  *sine = sinpif(x), *cosine = cospif(x);
}
inline void sincospi(double x, double* sine, double* cosine) {
  *sine = sinpi(x), *cosine = cospi(x);
}
inline float __saturatef(float x) {
  return x > 0 ? x > 1 ? 1.0f : x : 0.0f;
}
inline float fdividef(float x, float y) {
  return x / y;
}

inline float __expf(float x) {
  return expf(x);
}
inline float __exp10f(float x) {
  return exp10f(x);
}
inline float __logf(float x) {
  return logf(x);
}
inline float __log2f(float x) {
  return log2f(x);
}
inline float __log10f(float x) {
  return log10f(x);
}
inline float __sinf(float x) {
  return sinf(x);
}
inline float __cosf(float x) {
  return cosf(x);
}
inline float __tanf(float x) {
  return tanf(x);
}
inline float __tanhf(float x) {
  return tanhf(x);
}
inline float __powf(float x, float y) {
  return powf(x, y);
}
inline float __fdividef(float x, float y) {
  return x / y;
}
inline float __frsqrt_rn(float x) {
  return rsqrtf(x);
}
inline void __sincosf(float x, float* sine, float* cosine) {
  *sine = sinf(x), *cosine = cosf(x);
}

// ---- Rounding: to the nearest, towards zero, down, up

namespace kbench_simt {

// A value that the compiler knows nothing about, here and now.
template <class T>
inline T opaque(T value) {
  asm volatile("" : "+m"(value) : : "memory");
  return value;
}
// What `compute` gives in a mode of the processor.
template <class Result, class Compute, class... Values>
inline Result rounded(int mode, Compute compute, Values... values) {
  std::fesetround(mode);
  const Result result = opaque<Result>(compute(opaque(values)...));
  std::fesetround(FE_TONEAREST);
  return result;
}
// As the device converts: NaN is 0, what does not fit is the nearest that does.
template <class To>
inline To whole(double value) {
  if (value != value) return sizeof(To) == 8 ? std::numeric_limits<To>::min() : To(0);
  if (value <= static_cast<double>(std::numeric_limits<To>::min()))
    return std::numeric_limits<To>::min();
  if (value >= static_cast<double>(std::numeric_limits<To>::max()))
    return std::numeric_limits<To>::max();
  return static_cast<To>(value);
}

}  // namespace kbench_simt

#define KBENCH_ROUNDED(name, T, expression, declared, ...)                  \
  inline T name##_rn declared {                                             \
    return (expression)(__VA_ARGS__);                                       \
  }                                                                         \
  inline T name##_rz declared {                                             \
    return kbench_simt::rounded<T>(FE_TOWARDZERO, expression, __VA_ARGS__); \
  }                                                                         \
  inline T name##_rd declared {                                             \
    return kbench_simt::rounded<T>(FE_DOWNWARD, expression, __VA_ARGS__);   \
  }                                                                         \
  inline T name##_ru declared {                                             \
    return kbench_simt::rounded<T>(FE_UPWARD, expression, __VA_ARGS__);     \
  }
#define KBENCH_ROUNDED_1(name, T, From, result) \
  KBENCH_ROUNDED(                               \
      name, T, [](From x) -> T { return result; }, (From x), x)
#define KBENCH_ROUNDED_2(name, T, result) \
  KBENCH_ROUNDED(name, T, ([](T x, T y) -> T { return result; }), (T x, T y), x, y)
#define KBENCH_ROUNDED_3(name, T, result) \
  KBENCH_ROUNDED(name, T, ([](T x, T y, T z) -> T { return result; }), (T x, T y, T z), x, y, z)
KBENCH_ROUNDED_2(__fadd, float, x + y)
KBENCH_ROUNDED_2(__fsub, float, x - y)
KBENCH_ROUNDED_2(__fmul, float, x* y)
KBENCH_ROUNDED_2(__fdiv, float, x / y)
KBENCH_ROUNDED_3(__fmaf, float, __builtin_fmaf(x, y, z))
KBENCH_ROUNDED_1(__frcp, float, float, 1.0f / x)
KBENCH_ROUNDED_1(__fsqrt, float, float, __builtin_sqrtf(x))
KBENCH_ROUNDED_2(__dadd, double, x + y)
KBENCH_ROUNDED_2(__dsub, double, x - y)
KBENCH_ROUNDED_2(__dmul, double, x* y)
KBENCH_ROUNDED_2(__ddiv, double, x / y)
KBENCH_ROUNDED_3(__fma, double, __builtin_fma(x, y, z))
KBENCH_ROUNDED_1(__drcp, double, double, 1.0 / x)
KBENCH_ROUNDED_1(__dsqrt, double, double, __builtin_sqrt(x))
KBENCH_ROUNDED_1(__double2float, float, double, static_cast<float>(x))
#define KBENCH_WHOLE(name, T)                                            \
  KBENCH_ROUNDED_1(__##name##2float, float, T, static_cast<float>(x))    \
  KBENCH_ROUNDED_1(__##name##2double, double, T, static_cast<double>(x)) \
  inline T __float2##name##_rn(float x) {                                \
    return kbench_simt::whole<T>(rint(x));                               \
  }                                                                      \
  inline T __float2##name##_rz(float x) {                                \
    return kbench_simt::whole<T>(trunc(x));                              \
  }                                                                      \
  inline T __float2##name##_rd(float x) {                                \
    return kbench_simt::whole<T>(floor(x));                              \
  }                                                                      \
  inline T __float2##name##_ru(float x) {                                \
    return kbench_simt::whole<T>(ceil(x));                               \
  }                                                                      \
  inline T __double2##name##_rn(double x) {                              \
    return kbench_simt::whole<T>(rint(x));                               \
  }                                                                      \
  inline T __double2##name##_rz(double x) {                              \
    return kbench_simt::whole<T>(trunc(x));                              \
  }                                                                      \
  inline T __double2##name##_rd(double x) {                              \
    return kbench_simt::whole<T>(floor(x));                              \
  }                                                                      \
  inline T __double2##name##_ru(double x) {                              \
    return kbench_simt::whole<T>(ceil(x));                               \
  }
KBENCH_WHOLE(int, int)
KBENCH_WHOLE(uint, unsigned)
KBENCH_WHOLE(ll, long long)
KBENCH_WHOLE(ull, unsigned long long)
#undef KBENCH_WHOLE
#undef KBENCH_ROUNDED_1
#undef KBENCH_ROUNDED_2
#undef KBENCH_ROUNDED_3
#undef KBENCH_ROUNDED

inline int __float_as_int(float x) {
  return kbench_simt::bits_as<int>(x);
}
inline unsigned __float_as_uint(float x) {
  return kbench_simt::bits_as<unsigned>(x);
}
inline float __int_as_float(int x) {
  return kbench_simt::bits_as<float>(x);
}
inline float __uint_as_float(unsigned x) {
  return kbench_simt::bits_as<float>(x);
}
inline long long __double_as_longlong(double x) {
  return kbench_simt::bits_as<long long>(x);
}
inline double __longlong_as_double(long long x) {
  return kbench_simt::bits_as<double>(x);
}
inline int __double2hiint(double x) {
  return static_cast<int>(__double_as_longlong(x) >> 32);
}
inline int __double2loint(double x) {
  return static_cast<int>(__double_as_longlong(x));
}
inline double __hiloint2double(int high, int low) {
  return __longlong_as_double(static_cast<long long>(high) << 32 | static_cast<unsigned>(low));
}

inline unsigned umin(unsigned x, unsigned y) {
  return x < y ? x : y;
}
inline unsigned umax(unsigned x, unsigned y) {
  return x < y ? y : x;
}
inline long long llmin(long long x, long long y) {
  return x < y ? x : y;
}
inline long long llmax(long long x, long long y) {
  return x < y ? y : x;
}
inline unsigned long long ullmin(unsigned long long x, unsigned long long y) {
  return x < y ? x : y;
}
inline unsigned long long ullmax(unsigned long long x, unsigned long long y) {
  return x < y ? y : x;
}

// Inlined, so that an access is reported at the line that calls them. The letters say which cache
// keeps the data, and how long.
#define KBENCH_LOAD(name)                                          \
  template <class T>                                               \
  __attribute__((always_inline)) inline T name(const T* address) { \
    return *address;                                               \
  }
#define KBENCH_STORE(name)                                                                     \
  template <class T>                                                                           \
  __attribute__((always_inline)) inline void name(T* address, std::type_identity_t<T> value) { \
    *address = value;                                                                          \
  }
KBENCH_LOAD(__ldg)
KBENCH_LOAD(__ldca)
KBENCH_LOAD(__ldcg)
KBENCH_LOAD(__ldcs)
KBENCH_LOAD(__ldlu)
KBENCH_LOAD(__ldcv)
KBENCH_STORE(__stwb)
KBENCH_STORE(__stcg)
KBENCH_STORE(__stcs)
KBENCH_STORE(__stwt)
#undef KBENCH_LOAD
#undef KBENCH_STORE

inline long long clock64() {
  return kbench_simt::ticks();
}
inline long long wall_clock64() {
  return kbench_simt::ticks();
}
#define clock() (static_cast<clock_t>(kbench_simt::ticks()))

#define CUDART_INF_F __builtin_inff()
#define CUDART_NAN_F __builtin_nanf("")
#define CUDART_PI_F 3.141592654f
#define CUDART_PIO2_F 1.570796327f
#define CUDART_SQRT_TWO_F 1.414213562f
#define CUDART_L2E_F 1.442695041f
#define CUDART_LN2_F 0.693147181f
#define CUDART_MAX_NORMAL_F 3.402823466e38f
#define CUDART_MIN_DENORM_F 1.4012984643e-45f
#define CUDART_INF __builtin_inf()
#define CUDART_NAN __builtin_nan("")
#define CUDART_PI 3.1415926535897931

#endif
