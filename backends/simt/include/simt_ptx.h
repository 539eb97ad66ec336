// What PTX instructions in inline assembly are translated to (backends/simt_instructions.cpp), but
// for those of simt_tensor.h.
#ifndef KBENCH_SIMT_PTX_H
#define KBENCH_SIMT_PTX_H

namespace kbench_ptx {

#define KBENCH_INLINE __attribute__((always_inline)) inline

// An operand as the instruction sees it: the same bits, or a number that was written out.
template <class T, class U>
KBENCH_INLINE T as(U value) {
  if constexpr (std::is_pointer_v<U>) {
    return as<T>(reinterpret_cast<uint64_t>(value));
  } else if constexpr (std::is_same_v<T, bool> || sizeof(T) != sizeof(U)) {
    return static_cast<T>(value);
  } else {
    return kbench_simt::bits_as<T>(value);
  }
}
template <class To, class T>
KBENCH_INLINE void set(To& to, T value) {
  to = as<To>(value);
}

#define KBENCH_SPECIAL(name, value) \
  inline auto special_##name() {    \
    return value;                   \
  }
KBENCH_SPECIAL(laneid, kbench_simt::lane())
KBENCH_SPECIAL(warpid, cooperative_groups::thread_block::thread_rank() / 32)
KBENCH_SPECIAL(nwarpid, (cooperative_groups::thread_block::size() + 31) / 32)
KBENCH_SPECIAL(smid, 0u)
KBENCH_SPECIAL(nsmid, 1u)
KBENCH_SPECIAL(tid, threadIdx)
KBENCH_SPECIAL(ntid, blockDim)
KBENCH_SPECIAL(ctaid, blockIdx)
KBENCH_SPECIAL(nctaid, gridDim)
KBENCH_SPECIAL(clock, static_cast<uint32_t>(kbench_simt::ticks()))
KBENCH_SPECIAL(clock64, static_cast<uint64_t>(kbench_simt::ticks()))
KBENCH_SPECIAL(globaltimer, static_cast<uint64_t>(kbench_simt::ticks()))
KBENCH_SPECIAL(lanemask_eq, 1u << kbench_simt::lane())
KBENCH_SPECIAL(lanemask_lt, (1u << kbench_simt::lane()) - 1)
KBENCH_SPECIAL(lanemask_le, (2u << kbench_simt::lane()) - 1)
KBENCH_SPECIAL(lanemask_gt, ~((2u << kbench_simt::lane()) - 1))
KBENCH_SPECIAL(lanemask_ge, ~((1u << kbench_simt::lane()) - 1))
#undef KBENCH_SPECIAL

// ---- Memory

template <class T, int count>
struct alignas(sizeof(T) * count) Vector {
  T part[count];
};
template <class T, class Address>
KBENCH_INLINE T* global_at(Address address) {
  return reinterpret_cast<T*>(as<uint64_t>(address));
}
template <class T, class Address>
KBENCH_INLINE T* shared_at(Address address) {
  return reinterpret_cast<T*>(
      kbench_simt::shared_pointer(static_cast<uint32_t>(as<uint64_t>(address))));
}
template <class T, int count, bool atomic, class... Registers>
KBENCH_INLINE void load_from(const Vector<T, count>* address, Registers&... to) {
  if constexpr (atomic && count == 1) {
    (set(to, kbench_simt::atomic_load(&address->part[0])), ...);
  } else {
    const Vector<T, count> all = *address;
    int i = 0;
    (set(to, all.part[i++]), ...);
  }
}
template <class T, int count, bool atomic, class... Registers>
KBENCH_INLINE void store_to(Vector<T, count>* address, Registers... from) {
  if constexpr (atomic && count == 1) {
    (kbench_simt::atomic(&address->part[0], kbench_simt::AtomicKind::device,
                         [=](T) { return as<T>(from); }),
     ...);
  } else {
    *address = Vector<T, count>{{as<T>(from)...}};
  }
}
template <class T, int count, bool atomic, class Address, class... Registers>
KBENCH_INLINE void load_global(Address address, Registers&... to) {
  load_from<T, count, atomic>(global_at<Vector<T, count>>(address), to...);
}
template <class T, int count, bool atomic, class Address, class... Registers>
KBENCH_INLINE void load_shared(Address address, Registers&... to) {
  load_from<T, count, atomic>(shared_at<Vector<T, count>>(address), to...);
}
template <class T, int count, bool atomic, class Address, class... Registers>
KBENCH_INLINE void store_global(Address address, Registers... from) {
  store_to<T, count, atomic>(global_at<Vector<T, count>>(address), from...);
}
template <class T, int count, bool atomic, class Address, class... Registers>
KBENCH_INLINE void store_shared(Address address, Registers... from) {
  store_to<T, count, atomic>(shared_at<Vector<T, count>>(address), from...);
}

// A shared address has 32 bits, all others 64.
template <class T, class Address>
KBENCH_INLINE T* atomic_at(Address address) {
  if constexpr (sizeof(Address) == 4) return shared_at<T>(address);
  return global_at<T>(address);
}
#define KBENCH_PTX_ATOMIC(name, function)                       \
  template <class T, class Address, class Value>                \
  KBENCH_INLINE T atomic_##name(Address address, Value value) { \
    return ::function(atomic_at<T>(address), as<T>(value));     \
  }
KBENCH_PTX_ATOMIC(add, atomicAdd)
KBENCH_PTX_ATOMIC(min, atomicMin)
KBENCH_PTX_ATOMIC(max, atomicMax)
KBENCH_PTX_ATOMIC(and, atomicAnd)
KBENCH_PTX_ATOMIC(or, atomicOr)
KBENCH_PTX_ATOMIC(xor, atomicXor)
KBENCH_PTX_ATOMIC(inc, atomicInc)
KBENCH_PTX_ATOMIC(dec, atomicDec)
KBENCH_PTX_ATOMIC(exch, atomicExch)
#undef KBENCH_PTX_ATOMIC
template <class T, class Address, class Compare, class Value>
KBENCH_INLINE T atomic_cas(Address address, Compare compare, Value value) {
  return ::atomicCAS(atomic_at<T>(address), as<T>(compare), as<T>(value));
}
KBENCH_INLINE uint64_t from_shared(uint64_t address) {
  return reinterpret_cast<uint64_t>(kbench_simt::shared_pointer(static_cast<uint32_t>(address)));
}

// ---- Warps and barriers

// Barrier 0 of all threads; one of a number of them has a number of its own.
inline void barrier(int number, int threads = 0, int line = __builtin_LINE()) {
  if (threads == 0 || static_cast<unsigned>(threads) == cooperative_groups::thread_block::size()) {
    kbench_simt::barrier(line);
  } else {
    kbench_simt::named_barrier(number, threads, line);
  }
}
template <class To, class T>
KBENCH_INLINE void shfl_idx(To& to, T value, int lane, int clamp, unsigned mask) {
  set(to, ::__shfl_sync(mask, as<uint32_t>(value), lane, 32 - (clamp >> 8 & 31)));
}
template <class To, class T>
KBENCH_INLINE void shfl_up(To& to, T value, unsigned delta, int clamp, unsigned mask) {
  set(to, ::__shfl_up_sync(mask, as<uint32_t>(value), delta, 32 - (clamp >> 8 & 31)));
}
template <class To, class T>
KBENCH_INLINE void shfl_down(To& to, T value, unsigned delta, int clamp, unsigned mask) {
  set(to, ::__shfl_down_sync(mask, as<uint32_t>(value), delta, 32 - (clamp >> 8 & 31)));
}
template <class To, class T>
KBENCH_INLINE void shfl_bfly(To& to, T value, int bits, int clamp, unsigned mask) {
  set(to, ::__shfl_xor_sync(mask, as<uint32_t>(value), bits, 32 - (clamp >> 8 & 31)));
}

// ---- Arithmetic

#define KBENCH_OP_1(name, expression)     \
  template <class T, class A>             \
  KBENCH_INLINE auto op_##name(A first) { \
    const T a = as<T>(first);             \
    return expression;                    \
  }
#define KBENCH_OP_2(name, expression)               \
  template <class T, class A, class B>              \
  KBENCH_INLINE auto op_##name(A first, B second) { \
    const T a = as<T>(first), b = as<T>(second);    \
    return expression;                              \
  }
template <class T>
using Unsigned = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

KBENCH_OP_1(abs, T(a < T(0) ? -a : a))
KBENCH_OP_1(neg, T(-a))
KBENCH_OP_1(not, T(~a))
KBENCH_OP_1(sqrt, T(std::sqrt(a)))
KBENCH_OP_1(rcp, T(T(1) / a))
KBENCH_OP_1(rsqrt, T(T(1) / std::sqrt(a)))
KBENCH_OP_1(sin, T(std::sin(a)))
KBENCH_OP_1(cos, T(std::cos(a)))
KBENCH_OP_1(ex2, T(std::exp2(a)))
KBENCH_OP_1(lg2, T(std::log2(a)))
KBENCH_OP_1(tanh, T(std::tanh(a)))
KBENCH_OP_1(popc, static_cast<uint32_t>(__builtin_popcountll(Unsigned<T>(a))))
KBENCH_OP_1(clz, static_cast<uint32_t>(sizeof(T) == 8 ? ::__clzll(static_cast<int64_t>(a))
                                                      : ::__clz(static_cast<int>(a))))
KBENCH_OP_1(brev, T(sizeof(T) == 8 ? ::__brevll(a) : ::__brev(static_cast<uint32_t>(a))))
KBENCH_OP_2(add, T(a + b))
KBENCH_OP_2(sub, T(a - b))
KBENCH_OP_2(mul, T(a* b))
KBENCH_OP_2(div, T(a / b))
KBENCH_OP_2(rem, T(a % b))
KBENCH_OP_2(min, T(b < a ? b : a))
KBENCH_OP_2(max, T(a < b ? b : a))
KBENCH_OP_2(and, T(a& b))
KBENCH_OP_2(or, T(a | b))
KBENCH_OP_2(xor, T(a ^ b))
KBENCH_OP_2(shl, T(static_cast<uint64_t>(b) >= 8 * sizeof(T) ? T(0) : T(Unsigned<T>(a) << b)))
KBENCH_OP_2(shr,
            T(static_cast<uint64_t>(b) >= 8 * sizeof(T) ? (a < T(0) ? T(-1) : T(0)) : T(a >> b)))
#undef KBENCH_OP_1
#undef KBENCH_OP_2

// The product in full: of twice the size, and its upper half.
template <class T>
using Wide = std::conditional_t<
    sizeof(T) == 8, std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>,
    std::conditional_t<sizeof(T) == 4, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>,
                       std::conditional_t<std::is_signed_v<T>, int32_t, uint32_t>>>;
template <class T, class A, class B>
KBENCH_INLINE Wide<T> op_mul_wide(A a, B b) {
  return static_cast<Wide<T>>(as<T>(a)) * static_cast<Wide<T>>(as<T>(b));
}
template <class T, class A, class B>
KBENCH_INLINE T op_mul_hi(A a, B b) {
  return static_cast<T>(op_mul_wide<T>(a, b) >> 8 * sizeof(T));
}
template <class T, class A, class B, class C>
KBENCH_INLINE Wide<T> op_mad_wide(A a, B b, C c) {
  return op_mul_wide<T>(a, b) + as<Wide<T>>(c);
}
template <class T, class A, class B, class C>
KBENCH_INLINE T op_mad_hi(A a, B b, C c) {
  return op_mul_hi<T>(a, b) + as<T>(c);
}
template <class T, class A, class B, class C>
KBENCH_INLINE T op_mad(A a, B b, C c) {
  return as<T>(a) * as<T>(b) + as<T>(c);
}
template <class T, class A, class B, class C>
KBENCH_INLINE T op_fma(A first, B second, C third) {
  const T a = as<T>(first), b = as<T>(second), c = as<T>(third);
  if constexpr (std::is_same_v<T, __half2> || std::is_same_v<T, __nv_bfloat162>) {
    return ::__hfma2(a, b, c);
  } else if constexpr (std::is_floating_point_v<T>) {
    return std::fma(a, b, c);
  } else {
    return ::__hfma(a, b, c);
  }
}
template <class T, class A, class B, class C>
KBENCH_INLINE T op_bfe(A value, B from, C count) {
  const unsigned at = from & 255, bits = count & 255;
  if (bits == 0 || at >= 8 * sizeof(T)) return 0;
  if (bits >= 8 * sizeof(T)) return as<T>(value) >> at;
  const auto part = static_cast<Unsigned<T>>(as<T>(value)) >> at << (8 * sizeof(T) - bits);
  return static_cast<T>(part) >> (8 * sizeof(T) - bits);
}
template <class T, class A, class B, class C, class D>
KBENCH_INLINE T op_bfi(A value, B into, C from, D count) {
  const uint64_t mask = ((count >= 64 ? 0 : uint64_t{1} << count) - 1) << from;
  return static_cast<T>((as<T>(into) & ~mask) |
                        (static_cast<uint64_t>(as<T>(value)) << from & mask));
}

// Bit 4 a + 2 b + c of the table, for each bit of the words.
template <class T>
KBENCH_INLINE T lop3(T a, T b, T c, int table) {
  T all = 0;
  for (int i = 0; i < 8; ++i) {
    if ((table >> i & 1) != 0) all |= (i & 4 ? a : ~a) & (i & 2 ? b : ~b) & (i & 1 ? c : ~c);
  }
  return all;
}
// A selector's fourth bit asks for the byte's sign alone.
template <class T>
KBENCH_INLINE T prmt(T a, T b, T selector) {
  T all = ::__byte_perm(a, b, selector);
  for (int i = 0; i < 4; ++i) {
    if ((selector >> 4 * i & 8) == 0) continue;
    const T byte = (all >> 8 * i & 0x80) != 0 ? 0xff : 0;
    all = (all & ~(T{0xff} << 8 * i)) | byte << 8 * i;
  }
  return all;
}
template <class T>
KBENCH_INLINE T shf_l_wrap(T low, T high, T shift) {
  return ::__funnelshift_l(low, high, shift);
}
template <class T>
KBENCH_INLINE T shf_r_wrap(T low, T high, T shift) {
  return ::__funnelshift_r(low, high, shift);
}
template <class T>
KBENCH_INLINE T shf_l_clamp(T low, T high, T shift) {
  return ::__funnelshift_lc(low, high, shift);
}
template <class T>
KBENCH_INLINE T shf_r_clamp(T low, T high, T shift) {
  return ::__funnelshift_rc(low, high, shift);
}
template <class T>
KBENCH_INLINE T dp4a(T a, T b, T c) {
  return ::__dp4a(a, b, c);
}

// Two floats in one register: the first one above.
template <class T>
KBENCH_INLINE T pair(float high, float low) {
  return {low, high};
}
template <class T>
KBENCH_INLINE T round_tf32(T value) {
  return kbench_simt::bits_as<T>((kbench_simt::bits_as<uint32_t>(value) + 0x1000) & 0xffffe000);
}
template <class To, class From, char mode, class A>
KBENCH_INLINE To convert(A value) {
  const From from = as<From>(value);
  if constexpr (std::is_integral_v<To> && !std::is_integral_v<From>) {
    const double v = static_cast<double>(from);
    return kbench_simt::whole<To>(mode == 'd'   ? floor(v)
                                  : mode == 'u' ? ceil(v)
                                  : mode == 'z' ? trunc(v)
                                                : rint(v));
  } else if constexpr (std::is_floating_point_v<To> && !std::is_same_v<From, To>) {
    constexpr int kMode = mode == 'd'   ? FE_DOWNWARD
                          : mode == 'u' ? FE_UPWARD
                          : mode == 'z' ? FE_TOWARDZERO
                                        : FE_TONEAREST;
    if constexpr (std::is_arithmetic_v<From>) {
      return kbench_simt::rounded<To>(
          kMode, [](From v) { return static_cast<To>(v); }, from);
    }
    return static_cast<To>(static_cast<float>(from));
  } else {
    return static_cast<To>(from);
  }
}
template <class T, class A, class B>
KBENCH_INLINE T select_by(A first, B second, bool which) {
  return which ? as<T>(first) : as<T>(second);
}

#undef KBENCH_INLINE

}  // namespace kbench_ptx

#endif
