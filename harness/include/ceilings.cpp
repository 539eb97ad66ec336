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
typedef double Doubles __attribute__((vector_size(kBytes)));

// Twelve independent chains hide the latency of a fused multiply-add on every current core.
template <class Vector>
double multiply_add(int64_t rounds) {
  constexpr int kChains = 12;
  Vector sums[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) sums[i] = Vector{} + static_cast<float>(i);
  Vector factor = Vector{} + 0.999f, term = Vector{} + 0.001f;
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * factor + term;
    asm volatile("" : "+x"(factor));
  }
  Vector total{};
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) total += sums[i];
  volatile float sink = static_cast<float>(total[0]);
  (void)sink;
  const size_t lanes = sizeof(Vector) / sizeof(total[0]);
  return 2.0 * kChains * static_cast<double>(rounds) * static_cast<double>(lanes);
}

}  // namespace

extern "C" {

// Floating-point operations done in `rounds` rounds.
__attribute__((visibility("default"))) double kbench_fma_f32(int64_t rounds) {
  return multiply_add<Floats>(rounds);
}
__attribute__((visibility("default"))) double kbench_fma_f64(int64_t rounds) {
  return multiply_add<Doubles>(rounds);
}

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
