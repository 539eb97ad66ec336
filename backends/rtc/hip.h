// kbench.h as hipRTC sees it. __half is built in, and of the integers those of 64 bits.
#ifndef KBENCH_H
#define KBENCH_H

typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;

typedef __half f16;

struct bf16 {
  unsigned short bits;

  bf16() = default;
  __device__ bf16(float value) {
    const unsigned word = __builtin_bit_cast(unsigned, value);
    const bool nan = (word & 0x7fffffff) > 0x7f800000;
    bits = nan ? word >> 16 | 0x40 : (word + 0x7fff + (word >> 16 & 1)) >> 16;
  }
  __device__ operator float() const { return __builtin_bit_cast(float, unsigned(bits) << 16); }
};

#if defined(__GFX9__)
constexpr int WARP = 64;
#else
constexpr int WARP = 32;
#endif

#ifndef INFINITY
#define INFINITY __builtin_inff()
#endif
#ifndef NAN
#define NAN __builtin_nanf("")
#endif
#ifndef FLT_MAX
#define FLT_MAX __FLT_MAX__
#endif
#ifndef INT_MAX
#define INT_MAX __INT_MAX__
#endif

// The forms with a mask, which hipRTC lacks before 7: all active lanes take part. Macros, so that
// they also stand before a library's own.
#define __shfl_sync(mask, ...) __shfl(__VA_ARGS__)
#define __shfl_up_sync(mask, ...) __shfl_up(__VA_ARGS__)
#define __shfl_down_sync(mask, ...) __shfl_down(__VA_ARGS__)
#define __shfl_xor_sync(mask, ...) __shfl_xor(__VA_ARGS__)
#define __ballot_sync(mask, predicate) __ballot(predicate)
#define __any_sync(mask, predicate) __any(predicate)
#define __all_sync(mask, predicate) __all(predicate)
#define __activemask() __ballot(1)
#define __syncwarp(...) kbench_wave_barrier()
inline __device__ void kbench_wave_barrier() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "wavefront");
  __builtin_amdgcn_wave_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "wavefront");
}

// Reads and writes that say how long the data will be wanted.
template <class type>
inline __device__ type __ldcs(const type* address) {
  return __builtin_nontemporal_load(address);
}
template <class type>
inline __device__ void __stcs(type* address, type value) {
  __builtin_nontemporal_store(value, address);
}

#endif
