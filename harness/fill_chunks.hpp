#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "harness/fill.hpp"

namespace kbench {

// Tensors are filled chunk by chunk, in loops of constant length that become vector code.
inline constexpr int64_t kChunk =
    1024;  // elements made at a time: their bits and values stay in L1

// out[j] = convert(values[j]); whole chunks by a loop of constant length, which becomes vector
// code.
template <class Stored, class T, class Convert>
void convert_chunk(Stored* out, const T* values, int64_t count, const Convert& convert) {
  if (count == kChunk) {
    for (int64_t j = 0; j < kChunk; ++j) out[j] = convert(values[j]);
  } else {
    for (int64_t j = 0; j < count; ++j) out[j] = convert(values[j]);
  }
}

// Stores `count` values in the tensor's type, from element `first` on.
template <class T>
void store_chunk(const FillTarget& target, int64_t first, int64_t count, const T* values) {
  const auto cast_to = [&]<class Stored>(Stored* out) {
    convert_chunk(out + first, values, count, [](T value) { return static_cast<Stored>(value); });
  };
  void* data = target.data;
  auto* halves = static_cast<uint16_t*>(data) + first;
  switch (target.shape.dtype) {
    case DType::f64:
      return cast_to(static_cast<double*>(data));
    case DType::f32:
      return cast_to(static_cast<float*>(data));
    case DType::i64:
      return cast_to(static_cast<int64_t*>(data));
    case DType::i32:
      return cast_to(static_cast<int32_t*>(data));
    case DType::f16:
      return convert_chunk(halves, values, count, f16_from_float);
    case DType::bf16:
      return convert_chunk(halves, values, count, bf16_from_float);
    default:  // saturates
      for (int64_t j = 0; j < count; ++j) {
        store_from_double(data, target.shape.dtype, first + j, static_cast<double>(values[j]));
      }
  }
}

// Fills a tensor of any type with values made chunk by chunk: `make(first, out)` makes kChunk of
// them.
template <class T, class Make>
void write_chunks(const FillTarget& target, const Make& make) {
  std::array<T, kChunk> values;
  for (int64_t first = 0; first < target.shape.elements; first += kChunk) {
    make(first, values.data());
    store_chunk(target, first, std::min(kChunk, target.shape.elements - first), values.data());
  }
}
template <class Make>
void write_floats(const FillTarget& target, const Make& make) {
  write_chunks<float>(target, make);
}

// [0, 1) in steps of 2^-24.
inline float unit_float(uint32_t bits) {
  return static_cast<float>(static_cast<int32_t>(bits >> 8)) * 0x1p-24F;
}

// Normal values in the tensor's type, cut off at 4.14 standard deviations.
void write_normal(const FillTarget& target, const RandomStream& random, double mean, double stddev);

inline constexpr double kAny = 1e30;

// Options of a fill, as its registration names them.
inline OptionSpec number(const std::string& name, const std::string& value, const std::string& help,
                         double low = -kAny, double high = kAny) {
  return {
      .name = name, .default_value = value, .help = help, .low = low, .high = high, .choices = {}};
}
inline OptionSpec word(const std::string& name, const std::string& value, const std::string& help,
                       std::vector<std::string> choices = {}) {
  return {.name = name,
          .default_value = value,
          .help = help,
          .low = 0,
          .high = 0,
          .choices = std::move(choices)};
}

}  // namespace kbench
