// The storage types that kernels use agree with the harness's own conversions to the bit.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/dtype.hpp"
#include "harness/include/kbench.h"

namespace kbench {
namespace {

TEST(Prelude, EverySixteenBitValueReadsAsTheHarnessReadsIt) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto narrow = static_cast<uint16_t>(bits);
    const float half = std::bit_cast<f16>(narrow), brain = std::bit_cast<bf16>(narrow);
    ASSERT_EQ(std::bit_cast<uint32_t>(half), std::bit_cast<uint32_t>(float_from_f16(narrow)));
    ASSERT_EQ(std::bit_cast<uint32_t>(brain), std::bit_cast<uint32_t>(float_from_bf16(narrow)));
  }
}

TEST(Prelude, RoundsAsTheHarnessDoes) {
  for (uint64_t bits = 0; bits < 0x100000000; bits += 9973) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (std::isnan(value)) continue;
    ASSERT_EQ(f16(value).bits, f16_from_float(value)) << value;
    ASSERT_EQ(bf16(value).bits, bf16_from_float(value)) << value;
  }
  EXPECT_TRUE(std::isnan(float(f16(std::numeric_limits<float>::quiet_NaN()))));
  EXPECT_TRUE(std::isnan(float(bf16(std::bit_cast<float>(0x7fffffffU)))));
}

// As __attribute__((target)) compiles it, where the machine has it: what -march=native gives
// kernels.
#if defined(__x86_64__)
__attribute__((target("f16c"))) uint16_t round_in_hardware(float value) {
  return _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
}
TEST(Prelude, SoftwareRoundsAsTheProcessorDoes) {
  if (!__builtin_cpu_supports("f16c")) GTEST_SKIP() << "no F16C";
  for (uint64_t bits = 0; bits < 0x100000000; bits += 4999) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    ASSERT_EQ(f16_from_float(value), round_in_hardware(value)) << bits;
  }
}
#endif

TEST(Prelude, TypesArePlainBytesThatArithmeticReads) {
  static_assert(sizeof(f16) == 2 && sizeof(bf16) == 2);
  static_assert(std::is_trivial_v<f16> && std::is_trivial_v<bf16>);
  const f16 half = 0.5f;
  const bf16 three = 3;
  EXPECT_EQ(half * three + 1, 2.5f);
  EXPECT_LT(half, three);
  EXPECT_EQ(std::max(half, f16(2.0f)).bits, f16(2.0f).bits);
}

}  // namespace
}  // namespace kbench
