// For NVRTC, which has no such header of its own; also as <cstdint>. The types are those of libcu++.
#ifndef KBENCH_STDINT_H
#define KBENCH_STDINT_H
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef unsigned long long uintptr_t;
#endif
