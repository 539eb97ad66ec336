// Complex numbers as pairs.
#ifndef KBENCH_SIMT_COMPLEX_H
#define KBENCH_SIMT_COMPLEX_H

#include "kbench.h"

#define KBENCH_COMPLEX(Complex, Pair, Real, f, maker)                        \
  using Complex = Pair;                                                      \
  inline Complex make_##maker(Real re, Real im) {                            \
    return {re, im};                                                         \
  }                                                                          \
  inline Real cuCreal##f(Complex z) {                                        \
    return z.x;                                                              \
  }                                                                          \
  inline Real cuCimag##f(Complex z) {                                        \
    return z.y;                                                              \
  }                                                                          \
  inline Real cuCabs##f(Complex z) {                                         \
    return std::hypot(z.x, z.y);                                             \
  }                                                                          \
  inline Complex cuConj##f(Complex z) {                                      \
    return {z.x, -z.y};                                                      \
  }                                                                          \
  inline Complex cuCadd##f(Complex a, Complex b) {                           \
    return {a.x + b.x, a.y + b.y};                                           \
  }                                                                          \
  inline Complex cuCsub##f(Complex a, Complex b) {                           \
    return {a.x - b.x, a.y - b.y};                                           \
  }                                                                          \
  inline Complex cuCmul##f(Complex a, Complex b) {                           \
    return {a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x};                   \
  }                                                                          \
  inline Complex cuCfma##f(Complex a, Complex b, Complex c) {                \
    return cuCadd##f(cuCmul##f(a, b), c);                                    \
  }                                                                          \
  inline Complex cuCdiv##f(Complex a, Complex b) {                           \
    const Real norm = b.x * b.x + b.y * b.y;                                 \
    return {(a.x * b.x + a.y * b.y) / norm, (a.y * b.x - a.x * b.y) / norm}; \
  }
KBENCH_COMPLEX(cuFloatComplex, float2, float, f, cuFloatComplex)
KBENCH_COMPLEX(cuDoubleComplex, double2, double, , cuDoubleComplex)
#undef KBENCH_COMPLEX
using cuComplex = cuFloatComplex;
inline cuComplex make_cuComplex(float re, float im) {
  return {re, im};
}

#endif
