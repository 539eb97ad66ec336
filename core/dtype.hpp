#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.hpp"

namespace kbench {

// Storage types of tensor elements. Sub-byte formats (int4, fp4) are packed into u8 or u32 by the
// task.
enum class DType : uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8 };

// Bytes of one element.
size_t size_of(DType type);
bool is_floating(DType type);
// "f32", as written in task.json and kernel headers.
std::string_view name_of(DType type);
// The element's type in kernel source with kbench.h: "float", "f16", "int32_t".
std::string_view cpp_name_of(DType type);
Result<DType> parse_dtype(std::string_view name);

// Half the distance from 1 to the next value (2^-24 for f32); 0 for integers.
double unit_roundoff(DType type);
// Smallest positive normal number; 0 for integers.
double min_normal(DType type);
// Largest finite number.
double max_finite(DType type);

// Round to nearest, ties to even, as hardware conversions do; NaN stays NaN, overflow becomes Inf.
uint16_t f16_from_float(float value);
float float_from_f16(uint16_t bits);
uint16_t bf16_from_float(float value);
float float_from_bf16(uint16_t bits);

// One element read as double (64-bit integers beyond 2^53 round) and written from it (saturating
// for integers, rounded once for f32 and through f32 for the 16-bit types).
double load_as_double(const void* base, DType type, int64_t index);
void store_from_double(void* base, DType type, int64_t index, double value);

}  // namespace kbench
