#include "harness/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// y[rows, 4] from x[rows, 4], row by row.
Task row_task(Comparator comparator = {}, DType output = DType::f32) {
  Task task;
  task.name = "rows";
  task.dims = {"rows"};
  const Expr rows = Expr::parse("rows").value(), four = Expr::constant(4);
  task.tensors = {{"x", Io::in, false, {rows, four}}, {"y", Io::out, false, {rows, four}}};
  task.variants = {{"f32", {{"x", DType::f32}, {"y", output}}, DType::f32}};
  task.groups = {{"y", {"y"}, rows}};
  task.comparators["y"] = comparator;
  return task;
}

// Outputs of 1024 rows next to what the reference says: right until a test spoils them.
class CompareRows : public testing::Test {
 protected:
  static constexpr int64_t kRows = 1024;

  void prepare(Comparator comparator = {}) {
    task_ = row_task(comparator);
    problem_ = {.task = "rows", .variant = "f32", .dims = {{"rows", kRows}}, .fill = "normal"};
    shapes_ = shapes_of(task_, problem_).value();
    for (int64_t i = 0; i < kRows * 4; ++i) {
      got_.push_back(static_cast<float>(i) * 0.25F);
      values_.push_back(got_.back());
      scales_.push_back(1e-6F);
    }
  }
  std::optional<Mismatch> compare(std::span<const int64_t> slices = {}) const {
    const void* set[] = {nullptr, got_.data()};
    return compare_output(task_, problem_, shapes_, 1, set, values_.data(), scales_.data(), slices);
  }

  Task task_;
  Problem problem_;
  std::vector<TensorShape> shapes_;
  std::vector<float> got_, scales_;
  std::vector<double> values_;
};

TEST_F(CompareRows, NamesTheFirstWrongElementAndCountsTheRest) {
  prepare();
  got_[5 * 4 + 2] = 7;
  got_[900 * 4] = 7;
  const auto mismatch = compare();
  ASSERT_TRUE(mismatch);
  EXPECT_THAT(mismatch->index, ElementsAre(5, 2));
  EXPECT_EQ(mismatch->expected, 5.5);
  EXPECT_EQ(mismatch->got, 7);
  EXPECT_EQ(mismatch->bad_count, 2);
  EXPECT_THAT(mismatch->text(), HasSubstr("y[5, 2] is 7, expected 5.5"));
}

// 512 elements an eighth of their bound off, the others not at all.
TEST_F(CompareRows, KnowsHowFarFromTheReferenceRightOutputsAre) {
  prepare();
  for (float& scale : scales_) scale = 1;
  auto deviation = [&] {
    const void* set[] = {nullptr, got_.data()};
    return deviation_of(task_, shapes_, 1, set, values_.data(), scales_.data());
  };
  EXPECT_EQ(deviation().rms(), 0);
  for (size_t i = 0; i < got_.size(); i += 8) got_[i] += 1;
  ASSERT_FALSE(compare());
  EXPECT_EQ(deviation().elements, kRows * 4);
  EXPECT_NEAR(deviation().rms().value(), std::sqrt(1 / 8.0) / 8, 1e-4);
  EXPECT_FALSE(Deviation{}.rms()) << "nothing was compared";
}

TEST_F(CompareRows, HasNoDeviationWhereOutputsMustBeEqual) {
  prepare({.kind = Comparator::Kind::exact});
  const void* set[] = {nullptr, got_.data()};
  EXPECT_EQ(deviation_of(task_, shapes_, 1, set, values_.data(), scales_.data()).elements, 0);
}

TEST_F(CompareRows, AllowsEightScalesAndTheRoundingOfStorageButNoMore) {
  prepare();
  values_[3] = 0.75;
  got_[3] = 0.75F + 7.9e-6F;
  EXPECT_FALSE(compare());
  got_[3] = 0.75F + 8.5e-6F;
  EXPECT_TRUE(compare());
}
TEST_F(CompareRows, AllowsSubnormalsToBeFlushed) {
  prepare();
  values_[8] = 1e-39;
  scales_[8] = 1e-45F;
  got_[8] = 0;
  EXPECT_FALSE(compare());
}
TEST_F(CompareRows, RejectsNanAndInfWhereAFiniteNumberIsExpected) {
  for (const float bad : {kNan, kInf, -kInf}) {
    prepare();
    got_[17] = bad;
    EXPECT_TRUE(compare()) << bad;
  }
}
TEST_F(CompareRows, WantsNanWhereNanIsExpectedAndInfOfTheSameSign) {
  prepare();
  values_[2] = kNan;
  EXPECT_TRUE(compare());
  got_[2] = kNan;
  EXPECT_FALSE(compare());
  values_[3] = kInf;
  got_[3] = -kInf;
  EXPECT_TRUE(compare());
  got_[3] = kInf;
  EXPECT_FALSE(compare());
}
TEST_F(CompareRows, LooksOnlyAtTheSlicesNamed) {
  prepare();
  got_[100 * 4 + 1] = -1;
  EXPECT_FALSE(compare(std::vector<int64_t>{0, 99, 101}));
  EXPECT_TRUE(compare(std::vector<int64_t>{0, 100}));
}
TEST_F(CompareRows, CountsAnElementTheReferenceLeftOutAsWrong) {
  prepare();
  scales_[40] = 0;
  const auto mismatch = compare();
  ASSERT_TRUE(mismatch);
  EXPECT_TRUE(std::isnan(mismatch->expected));
}
TEST_F(CompareRows, SaysThatAnElementWasNeverWritten) {
  prepare();
  poison(&got_[12], DType::f32, 1);
  const auto mismatch = compare();
  ASSERT_TRUE(mismatch);
  EXPECT_TRUE(mismatch->unwritten);
  EXPECT_THAT(mismatch->text(), HasSubstr("never written"));
}
TEST_F(CompareRows, ExactAllowsNoDifferenceAtAll) {
  prepare({.kind = Comparator::Kind::exact});
  EXPECT_FALSE(compare());
  got_[0] = 1e-30F;
  EXPECT_TRUE(compare());
}
TEST_F(CompareRows, NormwiseMeasuresByTheLargestScale) {
  prepare({.normwise = true});
  scales_[4000] = 1;
  got_[7] += 7;
  EXPECT_FALSE(compare());
  got_[7] += 7;
  EXPECT_TRUE(compare());
}
TEST_F(CompareRows, FindsTheSlicesInWhichTwoCandidatesDisagree) {
  prepare();
  std::vector<float> other = got_;
  other[3 * 4] += 1;
  other[3 * 4 + 1] += 1;
  other[7 * 4] += 1e-6F;
  other[1000 * 4] = kNan;
  const void* a[] = {nullptr, got_.data()};
  const void* b[] = {nullptr, other.data()};
  const auto disagreeing = [&](double allowance, size_t limit) {
    return disagreeing_slices(task_, problem_, shapes_, 1, a, b, allowance, limit);
  };
  EXPECT_THAT(disagreeing(1e-6, 10), ElementsAre(3, 1000));
  EXPECT_THAT(disagreeing(1e-6, 1), ElementsAre(3));
  EXPECT_THAT(disagreeing(10, 10), ElementsAre(1000));
}
TEST_F(CompareRows, TheLargestBoundIsThatOfTheSlicesSeen) {
  prepare();
  scales_[4] = 1;
  EXPECT_NEAR(largest_bound(task_, problem_, shapes_, 1, values_.data(), scales_.data()), 8, 1e-6);
  const std::vector<int64_t> others = {0, 2};
  EXPECT_LT(largest_bound(task_, problem_, shapes_, 1, values_.data(), scales_.data(), others),
            1e-4);
}

// Indices of the two largest of x's four columns.
class CompareIndices : public testing::Test {
 protected:
  CompareIndices() {
    Task task = row_task({.kind = Comparator::Kind::index_into, .values = "x"}, DType::i32);
    task.tensors[1].shape[1] = Expr::constant(2);
    task_ = task;
    problem_ = {.task = "rows", .variant = "f32", .dims = {{"rows", 1}}, .fill = "normal"};
  }
  bool right(std::vector<float> x, std::vector<int> got, std::vector<double> expected) const {
    const void* set[] = {x.data(), got.data()};
    const std::vector<float> scales(2, 1e-30F);
    return !compare_output(task_, problem_, shapes_of(task_, problem_).value(), 1, set,
                           expected.data(), scales.data());
  }
  Task task_;
  Problem problem_;
};

TEST_F(CompareIndices, AcceptsAnyOfEqualElements) {
  EXPECT_TRUE(right({5, 1, 5, 0}, {2, 0}, {0, 2}));
}
TEST_F(CompareIndices, RejectsTheSameElementTwice) {
  EXPECT_FALSE(right({5, 1, 5, 0}, {2, 2}, {0, 2}));
}
TEST_F(CompareIndices, RejectsASmallerElementAndIndicesOutside) {
  EXPECT_FALSE(right({5, 1, 5, 0}, {0, 1}, {0, 2}));
  EXPECT_FALSE(right({5, 1, 5, 0}, {0, 4}, {0, 2}));
  EXPECT_FALSE(right({5, 1, 5, 0}, {-1, 2}, {0, 2}));
}

class Poison : public testing::TestWithParam<DType> {};

TEST_P(Poison, IsFoundWhereverItIsLeft) {
  const DType type = GetParam();
  std::vector<std::byte> data(3000 * size_of(type));
  EXPECT_EQ(find_poison(data.data(), type, 3000), -1);
  poison(data.data() + 2047 * size_of(type), type, 1);
  EXPECT_EQ(find_poison(data.data(), type, 3000), 2047);
}
INSTANTIATE_TEST_SUITE_P(Types, Poison,
                         testing::Values(DType::f64, DType::f32, DType::f16, DType::bf16,
                                         DType::i64, DType::i32, DType::u32));

TEST(PoisonOfSmallIntegers, IsNotSearchedForBecauseAnyPatternMayBeHonest) {
  uint8_t data[4];
  poison(data, DType::u8, 4);
  EXPECT_EQ(find_poison(data, DType::u8, 4), -1);
}

}  // namespace
}  // namespace kbench
