#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "core/vector_clones.hpp"
#include "harness/compare.hpp"

namespace kbench {

namespace {

// NaNs with a payload: hardware makes NaNs with an empty one, and no input holds a NaN.
constexpr uint64_t kPoison64 = 0x7ffdeadbeefcafe5;
constexpr uint32_t kPoison32 = 0x7fedbeef;
constexpr uint16_t kPoisonF16 = 0x7eb5;
constexpr uint16_t kPoisonBf16 = 0x7feb;
// Integers: odd, positive and too large for an index or a count.
constexpr uint64_t kPoisonInteger64 = 0x5bad5eed5bad5eed;
constexpr uint32_t kPoisonInteger32 = 0x5bad5eed;
constexpr uint16_t kPoisonInteger16 = 0x5bad;
constexpr uint8_t kPoisonInteger8 = 0xa5;

// Calls `use` with the pattern of the type, in the unsigned integer of its size.
template <class Use>
auto with_pattern(DType type, const Use& use) {
  switch (type) {
    case DType::f64:
      return use(kPoison64);
    case DType::f32:
      return use(kPoison32);
    case DType::f16:
      return use(kPoisonF16);
    case DType::bf16:
      return use(kPoisonBf16);
    case DType::i64:
    case DType::u64:
      return use(kPoisonInteger64);
    case DType::i32:
    case DType::u32:
      return use(kPoisonInteger32);
    case DType::i16:
    case DType::u16:
      return use(kPoisonInteger16);
    default:
      return use(kPoisonInteger8);
  }
}

constexpr int64_t kChunk = 2048;  // elements looked at together

template <class T>
[[gnu::always_inline]] inline bool holds(const T* data, T pattern) {
  int32_t hits = 0;
  for (int64_t j = 0; j < kChunk; ++j) hits += static_cast<int32_t>(data[j] == pattern);
  return hits != 0;
}
KBENCH_VECTOR_CLONES bool chunk_holds(const uint64_t* data, uint64_t pattern) {
  return holds(data, pattern);
}
KBENCH_VECTOR_CLONES bool chunk_holds(const uint32_t* data, uint32_t pattern) {
  return holds(data, pattern);
}
KBENCH_VECTOR_CLONES bool chunk_holds(const uint16_t* data, uint16_t pattern) {
  return holds(data, pattern);
}
KBENCH_VECTOR_CLONES bool chunk_holds(const uint8_t* data, uint8_t pattern) {
  return holds(data, pattern);
}

template <class T>
int64_t find(const T* data, int64_t elements, T pattern) {
  for (int64_t first = 0; first < elements; first += kChunk) {
    const int64_t count = std::min(kChunk, elements - first);
    if (count == kChunk && !chunk_holds(data + first, pattern)) continue;
    const T* end = data + first + count;
    if (const T* hit = std::find(data + first, end, pattern); hit != end) return hit - data;
  }
  return -1;
}

}  // namespace

void poison(void* data, DType type, int64_t elements) {
  with_pattern(type, [&]<class T>(T pattern) {
    // A block of the pattern, copied over and over: memcpy has the widest stores.
    std::array<T, kChunk> block;
    block.fill(pattern);
    auto* out = static_cast<T*>(data);
    for (int64_t first = 0; first < elements; first += kChunk) {
      const int64_t count = std::min(kChunk, elements - first);
      std::memcpy(out + first, block.data(), static_cast<size_t>(count) * sizeof(T));
    }
  });
}

int64_t find_poison(const void* data, DType type, int64_t elements) {
  if (!is_floating(type) && size_of(type) < 4) return -1;
  return with_pattern(type, [&]<class T>(T pattern) {
    return find(static_cast<const T*>(data), elements, pattern);
  });
}

}  // namespace kbench
