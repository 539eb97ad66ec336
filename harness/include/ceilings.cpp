// What this processor can do at best, measured by code that does nothing else. Compiled like any
// kernel, for the machine at hand, so that the widest registers are used.
#include <cstddef>
#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr size_t kBytes = 64;
#elif defined(__AVX__)
constexpr size_t kBytes = 32;
#else
constexpr size_t kBytes = 16;
#endif
typedef float Floats __attribute__((vector_size(kBytes)));

template <class T, size_t bytes>
struct VectorOf {
  typedef T type __attribute__((vector_size(bytes)));
};

// Twelve independent chains hide the latency of a fused multiply-add on every current core.
constexpr int kChains = 12;

// Operations done in `rounds` rounds of multiply-adds in registers of so many bytes.
template <class T, size_t bytes>
double multiply_add(int64_t rounds) {
  using Vector = typename VectorOf<T, bytes>::type;
  Vector sums[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) sums[i] = Vector{} + static_cast<T>(i);
  Vector factor = Vector{} + static_cast<T>(0.999), term = Vector{} + static_cast<T>(0.001);
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * factor + term;
    asm volatile("" : "+v"(factor));
  }
  Vector total{};
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) total += sums[i];
  volatile T sink = total[0];
  (void)sink;
  constexpr size_t kLanes = bytes / sizeof(T);
  return 2.0 * kChains * static_cast<double>(rounds) * static_cast<double>(kLanes);
}

// The same for instructions that add products of neighbouring elements: `step` adds `pairs` of
// them.
template <class Vector, class Step>
double dot_product(int64_t rounds, Vector factor, double products, const Step& step) {
  Vector sums[kChains] = {};
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = step(sums[i], factor);
    asm volatile("" : "+v"(factor));
  }
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) asm volatile("" ::"v"(sums[i]));
  return 2.0 * kChains * static_cast<double>(rounds) * products;
}

#if defined(__AVX512BF16__)
double dot_bf16(int64_t rounds) {
  return dot_product(rounds, _mm512_setzero_ps(), 32, [](__m512 sum, __m512 factor) {
    const auto pairs = reinterpret_cast<__m512bh>(factor);
    return _mm512_dpbf16_ps(sum, pairs, pairs);
  });
}
#endif
#if defined(__AVX512VNNI__)
double dot_i8(int64_t rounds) {
  return dot_product(rounds, _mm512_setzero_si512(), 64, [](__m512i sum, __m512i factor) {
    return _mm512_dpbusd_epi32(sum, factor, factor);
  });
}
#endif

}  // namespace

struct Peak {
  const char* dtype;
  const char* instructions;
  double (*run)(int64_t rounds);  // returns the operations done
};

extern "C" {

// Each type's arithmetic, by the width of the registers.
__attribute__((visibility("default"))) extern const Peak kbench_peaks[] = {
    {"f64", "fma 16-byte", multiply_add<double, 16>},
    {"f32", "fma 16-byte", multiply_add<float, 16>},
#if defined(__AVX__)
    {"f64", "fma 32-byte", multiply_add<double, 32>},
    {"f32", "fma 32-byte", multiply_add<float, 32>},
#endif
#if defined(__AVX512F__)
    {"f64", "fma 64-byte", multiply_add<double, 64>},
    {"f32", "fma 64-byte", multiply_add<float, 64>},
#endif
#if defined(__AVX512FP16__)
    {"f16", "fma 64-byte", multiply_add<_Float16, 64>},
#endif
#if defined(__AVX512BF16__)
    {"bf16", "dpbf16ps 64-byte", dot_bf16},
#endif
#if defined(__AVX512VNNI__)
    {"i8", "dpbusd 64-byte", dot_i8},
#endif
    {nullptr, nullptr, nullptr}};

// `bytes` a multiple of 256, both pointers 64-byte aligned.
__attribute__((visibility("default"))) void kbench_copy(void* to, const void* from, size_t bytes) {
  auto* out = static_cast<Floats*>(to);
  const auto* in = static_cast<const Floats*>(from);
  for (size_t i = 0; i < bytes / kBytes; i += 4) {
    const Floats a = in[i], b = in[i + 1], c = in[i + 2], d = in[i + 3];
    out[i] = a, out[i + 1] = b, out[i + 2] = c, out[i + 3] = d;
    asm volatile("" ::: "memory");  // keeps the loop from becoming a call of memcpy
  }
}

// The same with stores that pass the caches by.
__attribute__((visibility("default"))) void kbench_copy_streaming(void* to, const void* from,
                                                                  size_t bytes) {
#if defined(__AVX512F__)
  auto* out = static_cast<__m512i*>(to);
  const auto* in = static_cast<const __m512i*>(from);
  for (size_t i = 0; i < bytes / 64; ++i) _mm512_stream_si512(out + i, _mm512_load_si512(in + i));
  _mm_sfence();
#elif defined(__AVX__)
  auto* out = static_cast<__m256i*>(to);
  const auto* in = static_cast<const __m256i*>(from);
  for (size_t i = 0; i < bytes / 32; ++i) _mm256_stream_si256(out + i, _mm256_load_si256(in + i));
  _mm_sfence();
#else
  kbench_copy(to, from, bytes);
#endif
}

}  // extern "C"
