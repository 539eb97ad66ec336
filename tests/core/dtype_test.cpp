#include "core/dtype.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace kbench {
namespace {

// The nearest 16-bit value, ties to even, found by looking at all of them.
uint16_t nearest(float value, float (*decode)(uint16_t), uint16_t infinity) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double target = std::fabs(static_cast<double>(value));
  uint16_t low = 0,
           high = infinity;  // decode(low) <= target < decode(high), bits ordered as values
  while (high - low > 1) {
    const auto middle = static_cast<uint16_t>((low + high) / 2);
    (decode(middle) <= target ? low : high) = middle;
  }
  const double below = decode(low);
  // Overflow: rounding happens as if the value after the largest were finite.
  const double above = high == infinity ? below + (below - decode(low - 1)) : decode(high);
  const double middle = (below + above) / 2;
  const bool up = target > middle || (target == middle && (low & 1) != 0);
  return sign | (up ? high : low);
}

TEST(F16, RoundTripsEveryValue) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = float_from_f16(static_cast<uint16_t>(bits));
    const uint16_t back = f16_from_float(value);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(float_from_f16(back)));
    } else {
      ASSERT_EQ(back, bits);
    }
  }
}

TEST(F16, RoundsToNearestEvenEverywhere) {
  for (uint64_t bits = 0; bits < 0x100000000; bits += 9973) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(f16_from_float(value), nearest(value, float_from_f16, 0x7c00)) << value;
    ASSERT_EQ(bf16_from_float(value), nearest(value, float_from_bf16, 0x7f80)) << value;
  }
}

TEST(F16, RoundsTiesAndEdgesAsHardwareDoes) {
  EXPECT_EQ(f16_from_float(1.0F), 0x3c00);
  EXPECT_EQ(f16_from_float(1.0F + 0x1p-11F), 0x3c00);      // tie to even, down
  EXPECT_EQ(f16_from_float(1.0F + 3 * 0x1p-11F), 0x3c02);  // tie to even, up
  EXPECT_EQ(f16_from_float(65504.0F), 0x7bff);
  EXPECT_EQ(f16_from_float(65519.996F), 0x7bff);
  EXPECT_EQ(f16_from_float(65520.0F), 0x7c00);
  EXPECT_EQ(f16_from_float(0x1p-25F), 0x0000);
  EXPECT_EQ(f16_from_float(0x1.000002p-25F), 0x0001);
  EXPECT_EQ(f16_from_float(-0.0F), 0x8000);
  EXPECT_EQ(f16_from_float(0x1.ff8p-15F), 0x03ff);  // largest subnormal
  EXPECT_EQ(f16_from_float(0x1.ffcp-15F), 0x0400);  // tie to even: the smallest normal
  EXPECT_EQ(float_from_f16(0x0001), 0x1p-24F);
  EXPECT_EQ(bf16_from_float(0x1.fffffep127F), 0x7f80);
  EXPECT_TRUE(std::isnan(float_from_bf16(bf16_from_float(std::nanf("")))));
  EXPECT_TRUE(std::isnan(float_from_f16(f16_from_float(std::bit_cast<float>(0x7f800001U)))));
}

TEST(DType, NamesAreReadBackAndNearMissesNamed) {
  for (int i = 0; i < 12; ++i) {
    const auto type = static_cast<DType>(i);
    EXPECT_EQ(parse_dtype(name_of(type)).value(), type);
  }
  EXPECT_EQ(parse_dtype("f23").error().hint, "did you mean 'f32'?");
  EXPECT_EQ(cpp_name_of(DType::f32), "float");
  EXPECT_EQ(size_of(DType::bf16), 2U);
  EXPECT_FALSE(is_floating(DType::u8));
}

TEST(DType, LimitsAreTheTypesOwn) {
  EXPECT_EQ(max_finite(DType::f32), std::numeric_limits<float>::max());
  EXPECT_EQ(max_finite(DType::f16), float_from_f16(0x7bff));
  EXPECT_EQ(max_finite(DType::bf16), float_from_bf16(0x7f7f));
  EXPECT_EQ(min_normal(DType::f16), float_from_f16(0x0400));
  EXPECT_EQ(unit_roundoff(DType::f32), std::numeric_limits<float>::epsilon() / 2);
  EXPECT_EQ(unit_roundoff(DType::f16), (float_from_f16(0x3c01) - 1.0) / 2);
}

TEST(DType, ElementsAreReadAndWrittenAsDouble) {
  alignas(8) unsigned char memory[32] = {};
  for (int i = 0; i < 12; ++i) {
    const auto type = static_cast<DType>(i);
    store_from_double(memory, type, 1, 42.0);
    EXPECT_EQ(load_as_double(memory, type, 1), 42.0) << name_of(type);
  }
  store_from_double(memory, DType::i8, 0, 1000.0);
  EXPECT_EQ(load_as_double(memory, DType::i8, 0), 127.0);
  store_from_double(memory, DType::u32, 0, -5.0);
  EXPECT_EQ(load_as_double(memory, DType::u32, 0), 0.0);
  store_from_double(memory, DType::i64, 0, 1e30);
  EXPECT_EQ(load_as_double(memory, DType::i64, 0), 0x1p63);
}

}  // namespace
}  // namespace kbench
