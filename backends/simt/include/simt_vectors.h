// Vector types and their makers.
#ifndef KBENCH_SIMT_VECTORS_H
#define KBENCH_SIMT_VECTORS_H

#define KBENCH_VECTORS(type, name)                                          \
  struct name##1 {                                                          \
    type x;                                                                 \
  };                                                                        \
  struct alignas(2 * sizeof(type)) name##2 {                                \
    type x, y;                                                              \
  };                                                                        \
  struct alignas(4 * sizeof(type) > 16 ? 16 : 4 * sizeof(type)) name##4 {   \
    type x, y, z, w;                                                        \
  };                                                                        \
  inline constexpr name##1 make_##name##1(type x) {                         \
    return {x};                                                             \
  }                                                                         \
  inline constexpr name##2 make_##name##2(type x, type y) {                 \
    return {x, y};                                                          \
  }                                                                         \
  inline constexpr name##4 make_##name##4(type x, type y, type z, type w) { \
    return {x, y, z, w};                                                    \
  }
#define KBENCH_MAKE_3(type, name)                                   \
  inline constexpr name##3 make_##name##3(type x, type y, type z) { \
    return {x, y, z};                                               \
  }
#define KBENCH_VECTOR_3(type, name) \
  struct name##3 {                  \
    type x, y, z;                   \
  };                                \
  KBENCH_MAKE_3(type, name)

KBENCH_VECTORS(signed char, char)
KBENCH_VECTORS(unsigned char, uchar)
KBENCH_VECTORS(short, short)
KBENCH_VECTORS(unsigned short, ushort)
KBENCH_VECTORS(int, int)
KBENCH_VECTORS(unsigned, uint)
KBENCH_VECTORS(long, long)
KBENCH_VECTORS(unsigned long, ulong)
KBENCH_VECTORS(long long, longlong)
KBENCH_VECTORS(unsigned long long, ulonglong)
KBENCH_VECTORS(float, float)
KBENCH_VECTORS(double, double)
KBENCH_MAKE_3(unsigned, uint)
KBENCH_VECTOR_3(signed char, char)
KBENCH_VECTOR_3(unsigned char, uchar)
KBENCH_VECTOR_3(short, short)
KBENCH_VECTOR_3(unsigned short, ushort)
KBENCH_VECTOR_3(int, int)
KBENCH_VECTOR_3(long, long)
KBENCH_VECTOR_3(unsigned long, ulong)
KBENCH_VECTOR_3(long long, longlong)
KBENCH_VECTOR_3(unsigned long long, ulonglong)
KBENCH_VECTOR_3(float, float)
KBENCH_VECTOR_3(double, double)
#undef KBENCH_VECTORS
#undef KBENCH_VECTOR_3
#undef KBENCH_MAKE_3

#endif
