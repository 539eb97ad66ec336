#include "harness/fill.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace kbench {
namespace {

const Bindings kNoDims = {{"cols", 50}};

// One tensor of floats or i32 filled by a generator written as in a task ("uniform", {{"low",
// "0"}}).
template <class T>
std::vector<T> filled(const std::string& generator, std::map<std::string, std::string> options,
                      std::vector<int64_t> extents, uint64_t seed = 1) {
  TensorShape shape;
  shape.extents = std::move(extents);
  shape.elements =
      std::accumulate(shape.extents.begin(), shape.extents.end(), int64_t{1}, std::multiplies<>());
  shape.dtype = std::is_same_v<T, float> ? DType::f32 : DType::i32;
  std::vector<T> data(static_cast<size_t>(shape.elements));
  const FillGenerator& found = **fill_generators().find(generator);
  const FillRequest request{.targets = {{"x", shape, data.data()}},
                            .options = Options::parse(found.options, options, generator).value(),
                            .random = RandomStream{seed},
                            .dims = &kNoDims};
  EXPECT_TRUE(found.fill(request).has_value());
  return data;
}

double mean(const std::vector<float>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}
double variance(const std::vector<float>& x) {
  const double centre = mean(x);
  double sum = 0;
  for (const float value : x) sum += (value - centre) * (value - centre);
  return sum / static_cast<double>(x.size());
}

TEST(RandomStream, GivesEveryElementAloneAsInARun) {
  const RandomStream random{42};
  const int64_t first = (int64_t{1} << 32) - 100;  // across the border of a 2^32 block
  std::vector<uint32_t> run(200);
  random.fill(first, 200, run.data());
  for (int64_t j = 0; j < 200; ++j) EXPECT_EQ(run[j], random.bits(first + j));
}
TEST(RandomStream, DoesNotRepeatItselfUnderAnotherKeyShifted) {
  std::vector<uint32_t> a(10000), b(10000);
  RandomStream{1}.fill(0, 10000, a.data());
  RandomStream{2}.fill(0, 10000, b.data());
  const std::set<uint32_t> seen(a.begin(), a.end());
  EXPECT_LT(std::count_if(b.begin(), b.end(), [&](uint32_t x) { return seen.contains(x); }), 3);
}
TEST(RandomStream, KeepsItsBytesForEver) {  // stored seeds must make the same inputs next year
  EXPECT_EQ(RandomStream{7}.bits(0), RandomStream{7}.bits(0));
  EXPECT_EQ(RandomStream{7}.derive(3).bits(123456), RandomStream{7}.derive(3).bits(123456));
}

TEST(Uniform, StaysInItsRangeWithItsMeanAndVariance) {
  const auto x = filled<float>("uniform", {{"low", "2"}, {"high", "6"}}, {100001});
  EXPECT_GE(*std::min_element(x.begin(), x.end()), 2);
  EXPECT_LT(*std::max_element(x.begin(), x.end()), 6);
  EXPECT_NEAR(mean(x), 4, 0.02);
  EXPECT_NEAR(variance(x), 16.0 / 12, 0.02);
}
TEST(Normal, HasItsMeanVarianceAndKurtosis) {
  const auto x = filled<float>("normal", {{"mean", "3"}, {"stddev", "2"}}, {400000});
  EXPECT_NEAR(mean(x), 3, 0.015);
  EXPECT_NEAR(variance(x), 4, 0.04);
  double fourth = 0;
  for (const float value : x) fourth += std::pow((value - 3) / 2, 4);
  EXPECT_NEAR(fourth / 400000, 3, 0.1);
}
TEST(Normal, DiffersFromSeedToSeed) {
  EXPECT_NE(filled<float>("normal", {}, {64}, 1), filled<float>("normal", {}, {64}, 2));
  EXPECT_EQ(filled<float>("normal", {}, {64}, 1), filled<float>("normal", {}, {64}, 1));
}
TEST(Heavy, HasTailsThatNoNormalHas) {
  const auto x = filled<float>("heavy", {}, {100000});
  EXPECT_GT(*std::max_element(x.begin(), x.end()), 50);
  EXPECT_LT(*std::min_element(x.begin(), x.end()), -50);
}
TEST(Integers, TakeBothEndsOfTheirRange) {
  const auto x = filled<int>("integers", {{"low", "-2"}, {"high", "3"}}, {1000});
  EXPECT_EQ(std::set<int>(x.begin(), x.end()), (std::set<int>{-2, -1, 0, 1, 2, 3}));
}
TEST(Indices, StayBelowTheirDim) {
  const auto x = filled<int>("indices", {{"below", "cols - 1"}}, {10000});
  EXPECT_EQ(*std::min_element(x.begin(), x.end()), 0);
  EXPECT_EQ(*std::max_element(x.begin(), x.end()), 48);
}
TEST(Sparse, HasTheSameFewTermsOnEveryLine) {
  const auto x = filled<float>("sparse", {{"terms", "4"}, {"axis", "1"}}, {3, 100, 5});
  for (int row = 0; row < 3; ++row) {
    int nonzero = 0;
    for (int i = 0; i < 500; ++i) nonzero += x[row * 500 + i] != 0;
    EXPECT_EQ(nonzero, 4 * 5);
    for (int i = 0; i < 500; ++i) EXPECT_EQ(x[row * 500 + i] != 0, x[i] != 0);
  }
}
TEST(Sparse, FillsAnAxisShorterThanItsTerms) {
  const auto x = filled<float>("sparse", {{"terms", "6"}}, {2, 3});
  EXPECT_EQ(std::count(x.begin(), x.end(), 0.0F), 0);
}
TEST(Sorted, AscendsAlongTheLastAxis) {
  const auto x = filled<float>("sorted", {}, {4, 1000});
  for (int row = 0; row < 4; ++row) {
    EXPECT_TRUE(std::is_sorted(x.begin() + row * 1000, x.begin() + (row + 1) * 1000));
  }
}
TEST(Permutation, HasEachIndexOnceARow) {
  auto x = filled<int>("permutation", {}, {2, 100});
  EXPECT_FALSE(std::is_sorted(x.begin(), x.begin() + 100));
  std::sort(x.begin(), x.begin() + 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(x[i], i);
}

class Csr : public testing::TestWithParam<std::string> {};

TEST_P(Csr, IsAMatrixWhoseColumnsAscendInEachRow) {
  constexpr int kRows = 40, kCols = 50, kNonzeros = 1500;
  std::vector<int> starts(kRows + 1), columns(kNonzeros);
  std::vector<float> values(kNonzeros);
  const FillGenerator& csr = **fill_generators().find("csr");
  const FillRequest request{
      .targets = {{"starts", {{kRows + 1}, kRows + 1, DType::i32}, starts.data()},
                  {"columns", {{kNonzeros}, kNonzeros, DType::i32}, columns.data()},
                  {"values", {{kNonzeros}, kNonzeros, DType::f32}, values.data()}},
      .options = Options::parse(csr.options, {{"lengths", GetParam()}}, "csr").value(),
      .random = RandomStream{5},
      .dims = &kNoDims};
  ASSERT_TRUE(csr.fill(request).has_value());
  EXPECT_EQ(starts.front(), 0);
  EXPECT_EQ(starts.back(), kNonzeros);
  for (int i = 0; i < kRows; ++i) {
    ASSERT_LE(starts[i], starts[i + 1]);
    ASSERT_LE(starts[i + 1] - starts[i], kCols);
    for (int j = starts[i]; j < starts[i + 1]; ++j) {
      ASSERT_GE(columns[j], 0);
      ASSERT_LT(columns[j], kCols);
      if (j > starts[i]) {
        ASSERT_LT(columns[j - 1], columns[j]);
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(RowLengths, Csr, testing::Values("even", "random", "skewed"),
                         [](const auto& csr) { return csr.param; });

}  // namespace
}  // namespace kbench
