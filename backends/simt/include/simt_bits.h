// Whole numbers: bits, products of two words, and the video instructions on 2 or 4 parts of a word.
#ifndef KBENCH_SIMT_BITS_H
#define KBENCH_SIMT_BITS_H

inline int __popc(unsigned x) {
  return __builtin_popcount(x);
}
inline int __popcll(unsigned long long x) {
  return __builtin_popcountll(x);
}
inline int __clz(int x) {
  return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x));
}
inline int __clzll(long long x) {
  return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x));
}
inline int __ffs(int x) {
  return __builtin_ffs(x);
}
inline int __ffsll(long long x) {
  return __builtin_ffsll(x);
}
inline unsigned __brev(unsigned x) {
  x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
  x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
  x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
  return __builtin_bswap32(x);
}
inline unsigned long long __brevll(unsigned long long x) {
  return static_cast<unsigned long long>(__brev(static_cast<unsigned>(x))) << 32 |
         __brev(static_cast<unsigned>(x >> 32));
}
// The place of the `offset`-th set bit from `base` on, downwards if it is negative; ~0: none.
inline unsigned __fns(unsigned mask, unsigned base, int offset) {
  int left = offset < 0 ? -offset : offset;
  if (left == 0) return mask >> base & 1 ? base : ~0u;
  for (int at = static_cast<int>(base); at >= 0 && at < 32; at += offset < 0 ? -1 : 1) {
    if ((mask >> at & 1) != 0 && --left == 0) return static_cast<unsigned>(at);
  }
  return ~0u;
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const uint64_t both = static_cast<uint64_t>(y) << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    result |= static_cast<unsigned>(both >> (selector >> 4 * i & 7) * 8 & 0xff) << 8 * i;
  }
  return result;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((static_cast<uint64_t>(high) << 32 | low) << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((static_cast<uint64_t>(high) << 32 | low) >> (shift & 31));
}
inline unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? low : __funnelshift_l(low, high, shift);
}
inline unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? high : __funnelshift_r(low, high, shift);
}

// The low 24 bits of both.
inline int __mul24(int x, int y) {
  return (x << 8 >> 8) * (y << 8 >> 8);
}
inline unsigned __umul24(unsigned x, unsigned y) {
  return (x & 0xffffff) * (y & 0xffffff);
}
inline int __mulhi(int x, int y) {
  return static_cast<int>(static_cast<int64_t>(x) * y >> 32);
}
inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>(static_cast<uint64_t>(x) * y >> 32);
}
inline long long __mul64hi(long long x, long long y) {
  return static_cast<long long>(static_cast<__int128>(x) * y >> 64);
}
inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(x) * y >> 64);
}
inline unsigned __sad(int x, int y, unsigned z) {
  return (x < y ? static_cast<unsigned>(y) - static_cast<unsigned>(x)
                : static_cast<unsigned>(x) - static_cast<unsigned>(y)) +
         z;
}
inline unsigned __usad(unsigned x, unsigned y, unsigned z) {
  return (x < y ? y - x : x - y) + z;
}
inline int __hadd(int x, int y) {
  return static_cast<int>((int64_t{x} + y) >> 1);
}
inline int __rhadd(int x, int y) {
  return static_cast<int>((int64_t{x} + y + 1) >> 1);
}
inline unsigned __uhadd(unsigned x, unsigned y) {
  return static_cast<unsigned>((uint64_t{x} + y) >> 1);
}
inline unsigned __urhadd(unsigned x, unsigned y) {
  return static_cast<unsigned>((uint64_t{x} + y + 1) >> 1);
}

namespace kbench_simt {

// c and the sum of products of parts of a and b.
template <class A, class B, class Sum>
inline Sum dot(unsigned a, unsigned b, Sum c, int count) {
  for (int i = 0; i < count; ++i) {
    c += static_cast<Sum>(static_cast<A>(a >> 8 * sizeof(A) * i)) *
         static_cast<Sum>(static_cast<B>(b >> 8 * sizeof(B) * i));
  }
  return c;
}

// A word made of what `combine` gives for each part of a and b; parts are counted as `Part`.
template <class Part, class Combine>
inline unsigned parts(unsigned a, unsigned b, Combine combine) {
  constexpr int kBits = 8 * sizeof(Part);
  constexpr unsigned kMask = (1u << kBits) - 1;
  unsigned all = 0;
  for (int at = 0; at < 32; at += kBits) {
    const int one = static_cast<Part>(a >> at), other = static_cast<Part>(b >> at);
    all |= (static_cast<unsigned>(combine(one, other)) & kMask) << at;
  }
  return all;
}
template <class Part>
inline int saturated(int value) {
  return std::clamp<int>(value, std::numeric_limits<Part>::min(), std::numeric_limits<Part>::max());
}
template <class Part>
inline unsigned sum_of_differences(unsigned a, unsigned b) {
  unsigned sum = 0;
  parts<Part>(a, b, [&](int x, int y) { return sum += static_cast<unsigned>(std::abs(x - y)), 0; });
  return sum;
}

}  // namespace kbench_simt

inline int __dp4a(int a, int b, int c) {
  return kbench_simt::dot<int8_t, int8_t>(a, b, c, 4);
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  return kbench_simt::dot<uint8_t, uint8_t>(a, b, c, 4);
}
inline int __dp4a(char4 a, char4 b, int c) {
  return __dp4a(kbench_simt::bits_as<int>(a), kbench_simt::bits_as<int>(b), c);
}
inline unsigned __dp4a(uchar4 a, uchar4 b, unsigned c) {
  return __dp4a(kbench_simt::bits_as<unsigned>(a), kbench_simt::bits_as<unsigned>(b), c);
}
inline int __dp2a_lo(int a, int b, int c) {
  return kbench_simt::dot<int16_t, int8_t>(a, b, c, 2);
}
inline int __dp2a_hi(int a, int b, int c) {
  return kbench_simt::dot<int16_t, int8_t>(a, static_cast<unsigned>(b) >> 16, c, 2);
}
inline unsigned __dp2a_lo(unsigned a, unsigned b, unsigned c) {
  return kbench_simt::dot<uint16_t, uint8_t>(a, b, c, 2);
}
inline unsigned __dp2a_hi(unsigned a, unsigned b, unsigned c) {
  return kbench_simt::dot<uint16_t, uint8_t>(a, b >> 16, c, 2);
}

// __vadd2 works on two parts of 16 bits, __vadd4 on four of 8.
#define KBENCH_VIDEO(name, Part2, Part4, expression)                                       \
  inline unsigned name##2(unsigned a, unsigned b) {                                        \
    using Part = Part2;                                                                    \
    return kbench_simt::parts<Part>(a, b, [](int x, int y) -> int { return expression; }); \
  }                                                                                        \
  inline unsigned name##4(unsigned a, unsigned b) {                                        \
    using Part = Part4;                                                                    \
    return kbench_simt::parts<Part>(a, b, [](int x, int y) -> int { return expression; }); \
  }
#define KBENCH_VIDEO_SIGNED(name, expression) KBENCH_VIDEO(name, int16_t, int8_t, expression)
#define KBENCH_VIDEO_UNSIGNED(name, expression) KBENCH_VIDEO(name, uint16_t, uint8_t, expression)
#define KBENCH_VIDEO_COMPARED(name, sign)                   \
  KBENCH_VIDEO_SIGNED(__vcmp##name##s, x sign y ? -1 : 0)   \
  KBENCH_VIDEO_UNSIGNED(__vcmp##name##u, x sign y ? -1 : 0) \
  KBENCH_VIDEO_SIGNED(__vset##name##s, x sign y ? 1 : 0)    \
  KBENCH_VIDEO_UNSIGNED(__vset##name##u, x sign y ? 1 : 0)
KBENCH_VIDEO_SIGNED(__vadd, x + y)
KBENCH_VIDEO_SIGNED(__vsub, x - y)
KBENCH_VIDEO_SIGNED(__vaddss, kbench_simt::saturated<Part>(x + y))
KBENCH_VIDEO_SIGNED(__vsubss, kbench_simt::saturated<Part>(x - y))
KBENCH_VIDEO_UNSIGNED(__vaddus, kbench_simt::saturated<Part>(x + y))
KBENCH_VIDEO_UNSIGNED(__vsubus, kbench_simt::saturated<Part>(x - y))
KBENCH_VIDEO_SIGNED(__vabsdiffs, std::abs(x - y))
KBENCH_VIDEO_UNSIGNED(__vabsdiffu, std::abs(x - y))
KBENCH_VIDEO_SIGNED(__vavgs, (x + y + (x + y >= 0 ? 1 : 0)) >> 1)
KBENCH_VIDEO_UNSIGNED(__vavgu, (x + y + 1) >> 1)
KBENCH_VIDEO_UNSIGNED(__vhaddu, (x + y) >> 1)
KBENCH_VIDEO_SIGNED(__vmaxs, x > y ? x : y)
KBENCH_VIDEO_UNSIGNED(__vmaxu, x > y ? x : y)
KBENCH_VIDEO_SIGNED(__vmins, x < y ? x : y)
KBENCH_VIDEO_UNSIGNED(__vminu, x < y ? x : y)
KBENCH_VIDEO_SIGNED(__vcmpeq, x == y ? -1 : 0)
KBENCH_VIDEO_SIGNED(__vcmpne, x != y ? -1 : 0)
KBENCH_VIDEO_SIGNED(__vseteq, x == y ? 1 : 0)
KBENCH_VIDEO_SIGNED(__vsetne, x != y ? 1 : 0)
KBENCH_VIDEO_COMPARED(ge, >=)
KBENCH_VIDEO_COMPARED(gt, >)
KBENCH_VIDEO_COMPARED(le, <=)
KBENCH_VIDEO_COMPARED(lt, <)
#undef KBENCH_VIDEO_COMPARED
#undef KBENCH_VIDEO_UNSIGNED
#undef KBENCH_VIDEO_SIGNED
#undef KBENCH_VIDEO
inline unsigned __vneg2(unsigned a) {
  return __vsub2(0, a);
}
inline unsigned __vneg4(unsigned a) {
  return __vsub4(0, a);
}
inline unsigned __vnegss2(unsigned a) {
  return __vsubss2(0, a);
}
inline unsigned __vnegss4(unsigned a) {
  return __vsubss4(0, a);
}
inline unsigned __vabs2(unsigned a) {
  return __vmaxs2(a, __vneg2(a));
}
inline unsigned __vabs4(unsigned a) {
  return __vmaxs4(a, __vneg4(a));
}
inline unsigned __vabsss2(unsigned a) {
  return __vmaxs2(a, __vnegss2(a));
}
inline unsigned __vabsss4(unsigned a) {
  return __vmaxs4(a, __vnegss4(a));
}
inline unsigned __vsads2(unsigned a, unsigned b) {
  return kbench_simt::sum_of_differences<int16_t>(a, b);
}
inline unsigned __vsads4(unsigned a, unsigned b) {
  return kbench_simt::sum_of_differences<int8_t>(a, b);
}
inline unsigned __vsadu2(unsigned a, unsigned b) {
  return kbench_simt::sum_of_differences<uint16_t>(a, b);
}
inline unsigned __vsadu4(unsigned a, unsigned b) {
  return kbench_simt::sum_of_differences<uint8_t>(a, b);
}

inline int __vimax_s32_relu(int a, int b) {
  return std::max({a, b, 0});
}
inline int __vimin_s32_relu(int a, int b) {
  return std::max(std::min(a, b), 0);
}
inline int __vimax3_s32(int a, int b, int c) {
  return std::max({a, b, c});
}
inline int __vimin3_s32(int a, int b, int c) {
  return std::min({a, b, c});
}
inline unsigned __vimax3_u32(unsigned a, unsigned b, unsigned c) {
  return std::max({a, b, c});
}
inline unsigned __vimin3_u32(unsigned a, unsigned b, unsigned c) {
  return std::min({a, b, c});
}
inline int __viaddmax_s32(int a, int b, int c) {
  return std::max(a + b, c);
}
inline int __viaddmin_s32(int a, int b, int c) {
  return std::min(a + b, c);
}
inline unsigned __viaddmax_u32(unsigned a, unsigned b, unsigned c) {
  return std::max(a + b, c);
}
inline unsigned __viaddmin_u32(unsigned a, unsigned b, unsigned c) {
  return std::min(a + b, c);
}

#endif
