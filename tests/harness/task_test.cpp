#include "harness/task.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/problem.hpp"

namespace kbench {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kRoot = std::string(KBENCH_SOURCE_DIR) + "/tasks";

// A task folder with one thing wrong: `from` in the softmax task's text becomes `to`.
class BrokenTask : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::copy(kRoot + "/normalisation/softmax/reference.cpp", folder_);
    std::ifstream good(kRoot + "/normalisation/softmax/task.json");
    text_.assign(std::istreambuf_iterator<char>(good), {});
  }
  void TearDown() override { fs::remove_all(folder_); }

  Error load_with(const std::string& from, const std::string& to) {
    const size_t at = text_.find(from);
    EXPECT_NE(at, std::string::npos) << "the test's own text is out of date: " << from;
    text_.replace(at, from.size(), to);
    std::ofstream(folder_ / "task.json") << text_;
    const auto task = load_task(folder_.string());
    EXPECT_FALSE(task.has_value());
    return task ? Error{} : task.error();
  }
  std::string line_of(const std::string& part) const {
    return ":" +
           std::to_string(std::count(text_.begin(),
                                     text_.begin() + static_cast<long>(text_.find(part)), '\n') +
                          1);
  }

  fs::path folder_;
  std::string text_;
};

TEST_F(BrokenTask, WithoutItsReferenceNamesTheMissingFile) {
  fs::remove(folder_ / "reference.cpp");
  std::ofstream(folder_ / "task.json") << text_;
  EXPECT_THAT(load_task(folder_.string()).error().text(), HasSubstr("reference.cpp"));
}
TEST_F(BrokenTask, NamesTheLineOfBrokenJson) {
  EXPECT_THAT(load_with("\"groups\":", "\"groups\"").where, HasSubstr(line_of("\"groups\"")));
}
TEST_F(BrokenTask, SuggestsTheFieldMeant) {
  const Error error = load_with("\"held_out\"", "\"heldout\"");
  EXPECT_THAT(error.text(), HasSubstr("held_out"));
  EXPECT_THAT(error.where, HasSubstr("task.json" + line_of("\"heldout\"")));
}
TEST_F(BrokenTask, SuggestsTheDimMeantInAShape) {
  const Error error = load_with("in [rows, cols]", "in [rows, clos]");
  EXPECT_THAT(error.text(), HasSubstr("did you mean 'cols'"));
  EXPECT_THAT(error.where, HasSubstr(line_of("clos")));
}
TEST_F(BrokenTask, RejectsAShapeThatDoesNotEvaluate) {
  const Error error = load_with("in [rows, cols]", "in [rows, cols / (rows - 3)]");
  EXPECT_THAT(error.text(), HasSubstr("zero"));
  EXPECT_THAT(error.where, HasSubstr("task.json:"));
}
TEST_F(BrokenTask, SuggestsTheGeneratorMeant) {
  const Error error = load_with("\"normal\": \"normal\"", "\"normal\": \"normla\"");
  EXPECT_THAT(error.text(), HasSubstr("did you mean 'normal'"));
}
TEST_F(BrokenTask, SuggestsTheGeneratorsOptionMeant) {
  EXPECT_THAT(load_with("mean=80", "maen=80").text(), HasSubstr("mean"));
}
TEST_F(BrokenTask, RejectsAProblemThatLeavesOutADim) {
  const Error error = load_with("\"rows=512,cols=2048\"", "\"rows=512\"");
  EXPECT_THAT(error.text(), HasSubstr("'cols' has no value"));
  EXPECT_THAT(error.where, HasSubstr(line_of("\"rows=512\"")));
}
TEST_F(BrokenTask, RejectsAnOutputThatNoGroupMakes) {
  EXPECT_THAT(load_with("\"groups\": {\"y\": \"rows\"}", "\"groups\": {}").text(),
              HasSubstr("no group makes output 'y'"));
}

TEST(FindTask, SuggestsTheTaskMeant) {
  EXPECT_THAT(find_task(kRoot, "sofmax").error().text(), HasSubstr("did you mean 'softmax'"));
}

class SoftmaxProblem : public testing::Test {
 protected:
  const Task task_ = find_task(kRoot, "softmax").value();
};

TEST_F(SoftmaxProblem, TakesWhatTheTextLeavesOutFromTheTuneProblem) {
  const Problem problem = parse_problem(task_, "cols=77,variant=bf16,cache=cold").value();
  EXPECT_EQ(problem.dims.at("cols"), 77);
  EXPECT_EQ(problem.dims.at("rows"), task_.tune[0].dims.at("rows"));
  EXPECT_EQ(problem.variant, "bf16");
  EXPECT_EQ(problem.cache, CacheMode::cold);
}
TEST_F(SoftmaxProblem, ReadsItsCanonicalTextBack) {
  const Problem problem = parse_problem(task_, "rows=3,variant=f16,fill=heavy,threads=2").value();
  EXPECT_EQ(parse_problem(task_, problem.canonical()).value(), problem);
}
TEST_F(SoftmaxProblem, SuggestsTheDimVariantOrFillMeant) {
  EXPECT_THAT(parse_problem(task_, "row=3").error().text(), HasSubstr("did you mean 'rows'"));
  EXPECT_THAT(parse_problem(task_, "variant=f23").error().text(), HasSubstr("f32"));
  EXPECT_THAT(parse_problem(task_, "fill=haevy").error().text(), HasSubstr("heavy"));
}
TEST_F(SoftmaxProblem, CountsEveryTensorOnceAsTraffic) {
  const Problem problem = parse_problem(task_, "rows=10,cols=100,variant=f16").value();
  EXPECT_EQ(bytes_of(task_, problem).value(), 2 * 10 * 100 * 2);
  EXPECT_EQ(flops_of(task_, problem).value(), 5 * 10 * 100);
}
TEST_F(SoftmaxProblem, RejectsNegativeAndAbsurdExtents) {
  EXPECT_FALSE(parse_problem(task_, "rows=-1").has_value());
  EXPECT_THAT(parse_problem(task_, "rows=9000000000,cols=9000000000").error().text(),
              HasSubstr("2^48"));
}
TEST_F(SoftmaxProblem, ExpandsEveryFill) {
  EXPECT_EQ(expand_problems(task_, "rows=1,cols=2,fill=*,variant=*").value().size(),
            task_.fills.size() * task_.variants.size());
}

}  // namespace
}  // namespace kbench
