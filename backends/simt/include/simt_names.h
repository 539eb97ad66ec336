// What stands before a kernel's text last: words that NVRTC has and a C++ compiler has not, and
// names that a C library takes from kernels, to which they are free.
#ifndef KBENCH_SIMT_NAMES_H
#define KBENCH_SIMT_NAMES_H

typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned long ulong;

namespace std {
using ::kbench_memcpy;
using ::kbench_memset;
}  // namespace std
#define memcpy kbench_memcpy
#define memmove kbench_memcpy
#define memset kbench_memset

#define gamma kbench_gamma
#define index kbench_index
#define rindex kbench_rindex
#define select kbench_select
#define read kbench_read
#define write kbench_write
#define link kbench_link
#define unlink kbench_unlink
#define pipe kbench_pipe
#define random kbench_random
#define srandom kbench_srandom
#define remove kbench_remove
#define rename kbench_rename
#define time kbench_time
#define div kbench_div
#define ldiv kbench_ldiv
#define lerp kbench_lerp
#define signgam kbench_signgam

#define __CUDACC__ 1
#define __CUDACC_RTC__ 1

#endif
