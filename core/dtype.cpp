#include "core/dtype.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "core/text.hpp"

namespace kbench {
namespace {

struct Traits {
  DType type;
  std::string_view name, cpp_name;
  size_t bytes;
  double unit_roundoff, min_normal, max_finite;
};

template <class T>
constexpr Traits integer(DType type, std::string_view name, std::string_view cpp_name) {
  return {
      type, name, cpp_name, sizeof(T), 0, 0, static_cast<double>(std::numeric_limits<T>::max())};
}

// In the order of DType.
constexpr std::array<Traits, 12> kTraits = {{
    {DType::f64, "f64", "double", 8, 0x1p-53, 0x1p-1022, std::numeric_limits<double>::max()},
    {DType::f32, "f32", "float", 4, 0x1p-24, 0x1p-126, 0x1.fffffep127},
    {DType::f16, "f16", "f16", 2, 0x1p-11, 0x1p-14, 65504},
    {DType::bf16, "bf16", "bf16", 2, 0x1p-8, 0x1p-126, 0x1.fep127},
    integer<int64_t>(DType::i64, "i64", "int64_t"),
    integer<int32_t>(DType::i32, "i32", "int32_t"),
    integer<int16_t>(DType::i16, "i16", "int16_t"),
    integer<int8_t>(DType::i8, "i8", "int8_t"),
    integer<uint64_t>(DType::u64, "u64", "uint64_t"),
    integer<uint32_t>(DType::u32, "u32", "uint32_t"),
    integer<uint16_t>(DType::u16, "u16", "uint16_t"),
    integer<uint8_t>(DType::u8, "u8", "uint8_t"),
}};

const Traits& traits(DType type) {
  return kTraits[static_cast<size_t>(type)];
}

template <class T>
T load(const void* base, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char*>(base) + index * static_cast<int64_t>(sizeof(T)),
              sizeof(T));
  return value;
}

template <class T>
void store(void* base, int64_t index, T value) {
  std::memcpy(static_cast<char*>(base) + index * static_cast<int64_t>(sizeof(T)), &value,
              sizeof(T));
}

template <class T>
T saturate(double value) {
  if (std::isnan(value)) return 0;
  const double rounded = std::nearbyint(value);
  // The limits as doubles may round up, to a value that T cannot hold: compare with >=.
  if (rounded >= static_cast<double>(std::numeric_limits<T>::max())) {
    return std::numeric_limits<T>::max();
  }
  if (rounded <= static_cast<double>(std::numeric_limits<T>::min())) {
    return std::numeric_limits<T>::min();
  }
  return static_cast<T>(rounded);
}

}  // namespace

size_t size_of(DType type) {
  return traits(type).bytes;
}
bool is_floating(DType type) {
  return traits(type).unit_roundoff > 0;
}
std::string_view name_of(DType type) {
  return traits(type).name;
}
std::string_view cpp_name_of(DType type) {
  return traits(type).cpp_name;
}
double unit_roundoff(DType type) {
  return traits(type).unit_roundoff;
}
double min_normal(DType type) {
  return traits(type).min_normal;
}
double max_finite(DType type) {
  return traits(type).max_finite;
}

Result<DType> parse_dtype(std::string_view name) {
  std::vector<std::string> known;
  for (const Traits& entry : kTraits) {
    if (entry.name == name) return entry.type;
    known.emplace_back(entry.name);
  }
  return bad_input("unknown dtype '" + std::string(name) + "'", {}, suggestion(name, known));
}

uint16_t f16_from_float(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | static_cast<uint16_t>(magnitude >> 13 & 0x1ff);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;  // 65520 and more rounds to Inf
  if (magnitude < 0x38800000) {
    // Below 2^-14 results are multiples of 2^-24: adding 0.5, whose spacing is 2^-24, rounds so.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return sign | static_cast<uint16_t>(std::bit_cast<uint32_t>(shifted) - 0x3f000000);
  }
  const uint32_t odd = magnitude >> 13 & 1;
  return sign | static_cast<uint16_t>((magnitude - 0x38000000 + 0xfff + odd) >> 13);
}

float float_from_f16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t magnitude = bits & 0x7fff;
  uint32_t value = 0;
  if (magnitude >= 0x7c00) {
    value = magnitude << 13 | 0x7f800000;
  } else if (magnitude >= 0x400) {
    value = (magnitude << 13) + 0x38000000;
  } else {
    value = std::bit_cast<uint32_t>(static_cast<float>(magnitude) * 0x1p-24F);
  }
  return std::bit_cast<float>(sign | value);
}

uint16_t bf16_from_float(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float float_from_bf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

double load_as_double(const void* base, DType type, int64_t index) {
  switch (type) {
    case DType::f64:
      return load<double>(base, index);
    case DType::f32:
      return load<float>(base, index);
    case DType::f16:
      return float_from_f16(load<uint16_t>(base, index));
    case DType::bf16:
      return float_from_bf16(load<uint16_t>(base, index));
    case DType::i64:
      return static_cast<double>(load<int64_t>(base, index));
    case DType::i32:
      return load<int32_t>(base, index);
    case DType::i16:
      return load<int16_t>(base, index);
    case DType::i8:
      return load<int8_t>(base, index);
    case DType::u64:
      return static_cast<double>(load<uint64_t>(base, index));
    case DType::u32:
      return load<uint32_t>(base, index);
    case DType::u16:
      return load<uint16_t>(base, index);
    case DType::u8:
      return load<uint8_t>(base, index);
  }
  return 0;
}

void store_from_double(void* base, DType type, int64_t index, double value) {
  const auto single = static_cast<float>(value);
  switch (type) {
    case DType::f64:
      return store(base, index, value);
    case DType::f32:
      return store(base, index, single);
    case DType::f16:
      return store(base, index, f16_from_float(single));
    case DType::bf16:
      return store(base, index, bf16_from_float(single));
    case DType::i64:
      return store(base, index, saturate<int64_t>(value));
    case DType::i32:
      return store(base, index, saturate<int32_t>(value));
    case DType::i16:
      return store(base, index, saturate<int16_t>(value));
    case DType::i8:
      return store(base, index, saturate<int8_t>(value));
    case DType::u64:
      return store(base, index, saturate<uint64_t>(value));
    case DType::u32:
      return store(base, index, saturate<uint32_t>(value));
    case DType::u16:
      return store(base, index, saturate<uint16_t>(value));
    case DType::u8:
      return store(base, index, saturate<uint8_t>(value));
  }
}

}  // namespace kbench
