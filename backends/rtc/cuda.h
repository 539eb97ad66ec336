// kbench.h as NVRTC sees it. KBENCH_16_BIT is defined where the unit speaks of 16-bit types: their
// headers cost 20 ms of a compilation's 45.
#ifndef KBENCH_H
#define KBENCH_H

#include <stdint.h>
#ifdef KBENCH_16_BIT
#include <cuda_bf16.h>
#include <cuda_fp16.h>
typedef __half f16;
typedef __nv_bfloat16 bf16;
#endif

constexpr int WARP = 32;
// As a host's C library has them, and with it nvcc.
typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned long ulong;

#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif
#ifndef NAN
#define NAN __int_as_float(0x7fffffff)
#endif
#ifndef FLT_MAX
#define FLT_MAX 3.402823466e+38f
#endif
#ifndef INT_MAX
#define INT_MAX 0x7fffffff
#endif

#endif
