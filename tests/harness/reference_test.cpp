#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <random>

#include "tests/harness/task_lab.hpp"

namespace kbench {
namespace {

namespace fs = std::filesystem;

const std::string kRoot = std::string(KBENCH_SOURCE_DIR) + "/tasks";

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const auto& [name, task] : load_tasks(kRoot)) names.push_back(name);
  return names;
}

class EveryTask : public testing::TestWithParam<std::string> {
 protected:
  EveryTask() : task_(find_task(kRoot, GetParam())) {}
  void SetUp() override { ASSERT_TRUE(task_.has_value()) << task_.error().text(); }

  // The naive kernel must pass on this problem, and the reference agree with itself.
  void expect_agreement(const TaskLab& lab, const Problem& problem, uint64_t seed) {
    SCOPED_TRACE(problem.canonical() + " seed " + std::to_string(seed));
    TensorSet set = lab.fill(problem, seed);
    const Expected expected = lab.reference(problem, set);
    const Expected again = lab.reference_by_slices(problem, set);
    for (size_t t = 0; t < expected.values.size(); ++t) {
      const size_t bytes = expected.values[t].size() * sizeof(double);
      EXPECT_TRUE(bytes == 0 ||
                  std::memcmp(expected.values[t].data(), again.values[t].data(), bytes) == 0)
          << "the reference disagrees with itself in " << task_->tensors[t].name;
      EXPECT_EQ(expected.scales[t], again.scales[t]);
    }
    TensorSet result = lab.naive(problem, set);
    const auto mismatch = lab.compare(problem, result, expected);
    EXPECT_FALSE(mismatch) << mismatch->text();
    for (size_t t = 0; t < set.storage.size(); ++t) {
      if (task_->tensors[t].io == Io::in) {
        EXPECT_EQ(set.storage[t], result.storage[t]) << "input changed";
      }
    }
  }

  Result<Task> task_;
};

TEST_P(EveryTask, ExplainsItself) {
  EXPECT_GT(task_->about.size(), 20U);
  EXPECT_GT(task_->formula.size(), 5U);
  EXPECT_GT(task_->source.size(), 5U);
  EXPECT_FALSE(task_->held_out.empty());
}

TEST_P(EveryTask, NaiveKernelOfEveryVariantAgreesWithTheReferenceOnEveryFill) {
  for (const Variant& variant : task_->variants) {
    const TaskLab lab(*task_, variant);
    for (Problem problem : task_->smoke) {
      problem.variant = variant.name;
      for (const Fill& fill : task_->fills) {
        problem.fill = fill.name;
        for (uint64_t seed = 1; seed <= 3; ++seed) expect_agreement(lab, problem, seed);
      }
    }
  }
}

TEST_P(EveryTask, NaiveKernelAgreesOnEveryVerifyProblem) {
  for (const Problem& problem : task_->verify) {
    const TaskLab lab(*task_, *task_->variant(problem.variant));
    expect_agreement(lab, problem, 11);
  }
}

// Ways to be wrong that every task must notice on its first smoke problem.
class PlantedError : public EveryTask {
 protected:
  void SetUp() override {
    EveryTask::SetUp();
    if (HasFatalFailure()) return;
    problem_ = task_->smoke[0];
    lab_ = std::make_unique<TaskLab>(*task_, task_->variants[0]);
    set_ = lab_->fill(problem_, 5);
    expected_ = lab_->reference(problem_, set_);
    result_ = lab_->naive(problem_, set_);
    ASSERT_FALSE(lab_->compare(problem_, result_, expected_));
  }
  void expect_caught() { EXPECT_TRUE(lab_->compare(problem_, result_, expected_)); }
  bool is_output(size_t t) const { return task_->tensors[t].io != Io::in; }

  Problem problem_;
  std::unique_ptr<TaskLab> lab_;
  TensorSet set_, result_;
  Expected expected_;
};

TEST_P(PlantedError, ZerosAreCaught) {
  for (size_t t = 0; t < result_.storage.size(); ++t) {
    if (is_output(t)) std::fill(result_.storage[t].begin(), result_.storage[t].end(), std::byte{0});
  }
  expect_caught();
}

TEST_P(PlantedError, ACopyOfTheFirstInputIsCaught) {
  for (size_t t = 0; t < result_.storage.size(); ++t) {
    if (!is_output(t)) continue;
    const size_t bytes = std::min(result_.storage[t].size(), set_.storage[0].size());
    std::memcpy(result_.storage[t].data(), set_.storage[0].data(), bytes);
  }
  expect_caught();
}

TEST_P(PlantedError, AnOutputOfOtherInputsIsCaught) {
  TensorSet other = lab_->fill(problem_, 6);
  const TensorSet stale = lab_->naive(problem_, other);
  for (size_t t = 0; t < result_.storage.size(); ++t) {
    if (is_output(t)) result_.storage[t] = stale.storage[t];
  }
  expect_caught();
}

TEST_P(PlantedError, AnUnwrittenLastElementIsCaughtInEveryOutput) {
  const auto shapes = lab_->shapes(problem_);
  const TensorSet right = result_;
  for (size_t t = 0; t < shapes.size(); ++t) {
    if (!is_output(t) || shapes[t].elements == 0) continue;
    result_ = right;
    const size_t last = (shapes[t].elements - 1) * size_of(shapes[t].dtype);
    poison(result_.storage[t].data() + last, shapes[t].dtype, 1);
    const auto mismatch = lab_->compare(problem_, result_, expected_);
    ASSERT_TRUE(mismatch);
    EXPECT_EQ(mismatch->tensor, task_->tensors[t].name);
    EXPECT_EQ(mismatch->bad_count, 1);
    EXPECT_TRUE(mismatch->unwritten);
  }
}

TEST_P(PlantedError, ASkippedSliceIsCaughtWhereItLies) {
  const auto shapes = lab_->shapes(problem_);
  const TensorSet right = result_;
  for (size_t g = 0; g < task_->groups.size(); ++g) {
    const int64_t slices = slices_of(*task_, problem_, static_cast<int>(g)).value();
    const auto tensor = task_->tensor(task_->groups[g].outputs[0]) - task_->tensors.data();
    ASSERT_EQ(shapes[tensor].elements % slices, 0) << "slices must split the output evenly";
    const int64_t length = shapes[tensor].elements / slices, slice = slices / 2;
    result_ = right;
    poison(result_.storage[tensor].data() + slice * length * size_of(shapes[tensor].dtype),
           shapes[tensor].dtype, length);
    const auto mismatch = lab_->compare(problem_, result_, expected_);
    ASSERT_TRUE(mismatch);
    EXPECT_EQ(mismatch->bad_count, length);
  }
}

// What adding errors in quadrature alone does not see.
class Conditioning : public testing::Test {
 protected:
  void open(const std::string& name, Dims dims) {
    task_ = std::make_unique<Task>(find_task(kRoot, name).value());
    lab_ = std::make_unique<TaskLab>(*task_, task_->variants[0]);
    problem_ = task_->smoke[0];
    problem_.dims = std::move(dims);
  }
  std::unique_ptr<Task> task_;
  std::unique_ptr<TaskLab> lab_;
  Problem problem_;
};

TEST_F(Conditioning, LetsErrorsMeetAgainAfterManySteps) {
  open("jacobi_2d", {{"rows", 300}, {"cols", 300}, {"steps", 60}});
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    TensorSet set = lab_->fill(problem_, seed);
    TensorSet result = lab_->naive(problem_, set);
    const auto mismatch = lab_->compare(problem_, result, lab_->reference(problem_, set));
    EXPECT_FALSE(mismatch) << mismatch->text();
  }
}

TEST_F(Conditioning, LetsAScanAddInAnyOrder) {
  constexpr int64_t kColumns = 4096, kBlock = 64;
  open("prefix_sum", {{"rows", 50}, {"cols", kColumns}});
  TensorSet set = lab_->fill(problem_, 1);
  const Expected expected = lab_->reference(problem_, set);
  TensorSet result = lab_->naive(problem_, set);
  const auto* x = reinterpret_cast<const float*>(set.storage[0].data());
  auto* y = reinterpret_cast<float*>(result.storage[1].data());
  for (int64_t row = 0; row < 50; ++row, x += kColumns, y += kColumns) {
    float carry = 0;
    for (int64_t first = 0; first < kColumns; first += kBlock) {
      float sum = 0;
      for (int64_t j = first; j < first + kBlock; ++j) y[j] = carry + (sum += x[j]);
      carry += sum;
    }
  }
  const auto mismatch = lab_->compare(problem_, result, expected);
  EXPECT_FALSE(mismatch) << mismatch->text();
}

// Inputs as a kernel in reduced precision sees them: the lowest `bits` of the mantissa rounded
// away.
void round_inputs(const Task& task, const std::vector<TensorShape>& shapes, int bits,
                  TensorSet& set) {
  for (size_t t = 0; t < shapes.size(); ++t) {
    if (task.tensors[t].io == Io::out || shapes[t].dtype != DType::f32) continue;
    for (int64_t i = 0; i < shapes[t].elements; ++i) {
      uint32_t word;
      std::byte* at = set.storage[t].data() + i * 4;
      std::memcpy(&word, at, 4);
      word = (word + (uint32_t{1} << (bits - 1))) & ~((uint32_t{1} << bits) - 1);
      std::memcpy(at, &word, 4);
    }
  }
}

class ReducedPrecision : public EveryTask {
 protected:
  // How many of the fills notice that the naive kernel saw rounded inputs.
  std::vector<std::string> fills_that_notice(int bits) {
    const TaskLab lab(*task_, task_->variants[0]);
    std::vector<std::string> fills;
    Problem problem = task_->tune[0];
    problem.dims = task_->smoke[0].dims;
    for (const Fill& fill : task_->fills) {
      problem.fill = fill.name;
      TensorSet set = lab.fill(problem, 9);
      const Expected expected = lab.reference(problem, set);
      TensorSet rounded = set;
      round_inputs(*task_, lab.shapes(problem), bits, rounded);
      TensorSet result = lab.naive(problem, rounded);
      if (lab.compare(problem, result, expected)) fills.push_back(fill.name);
    }
    return fills;
  }
  bool computes_in_f32() const {
    if (task_->variants[0].name != "f32") return false;
    for (const auto& [output, comparator] : task_->comparators) {
      if (comparator.kind == Comparator::Kind::bound) return true;
    }
    return false;
  }
};

TEST_P(ReducedPrecision, Bf16AndTf32ShowOnTheDefaultFillAndOnTheSparseOne) {
  if (!computes_in_f32()) GTEST_SKIP() << "no f32 arithmetic to check";
  constexpr int kBf16Bits = 16, kTf32Bits = 13;
  for (const int bits : {kBf16Bits, kTf32Bits}) {
    const auto fills = fills_that_notice(bits);
    EXPECT_THAT(fills, testing::Contains(task_->fills[0].name)) << bits << " bits dropped";
    if (task_->fill("sparse") != nullptr) {
      EXPECT_THAT(fills, testing::Contains("sparse")) << bits << " bits dropped";
    }
  }
}

const auto kByName = [](const auto& task) { return task.param; };
INSTANTIATE_TEST_SUITE_P(Tasks, EveryTask, testing::ValuesIn(task_names()), kByName);
INSTANTIATE_TEST_SUITE_P(Tasks, PlantedError, testing::ValuesIn(task_names()), kByName);
INSTANTIATE_TEST_SUITE_P(Tasks, ReducedPrecision, testing::ValuesIn(task_names()), kByName);

}  // namespace
}  // namespace kbench
