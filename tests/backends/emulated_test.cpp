#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/text.hpp"
#include "harness/judge.hpp"

namespace kbench {
namespace {

namespace fs = std::filesystem;

// One judge for all: a task's references are compiled once.
class Emulated : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("KBENCH_HOME", KBENCH_SOURCE_DIR, 0);
    if (std::getenv("KBENCH_WORKER") == nullptr) {
      setenv("KBENCH_WORKER", KBENCH_BINARY_DIR "/kbench-worker", 1);
    }
    auto judge = Judge::start({KBENCH_SOURCE_DIR "/tasks", "", 1});
    ASSERT_TRUE(judge.has_value()) << judge.error().text();
    judge_ = std::move(*judge);
  }
  static void TearDownTestSuite() { judge_.reset(); }

  // The kernel's verdict on its task's first smoke problem, with the ladder.
  static Evaluation judged(const std::string& path, const Params& params = {},
                           const std::string& text = {}, const std::string& variant = {}) {
    auto kernel = text.empty() ? read_kernel_file(path) : parse_kernel_file(text, path);
    if (!kernel) return failed(kernel.error());
    auto task = find_task(KBENCH_SOURCE_DIR "/tasks", kernel->task);
    if (!task) return failed(task.error());
    auto problem = parse_problem(*task, variant.empty() ? "" : "variant=" + variant);
    if (!problem) return failed(problem.error());
    auto complete = complete_params(*kernel, params);
    if (!complete) return failed(complete.error());
    EvaluationRequest request;
    request.candidate = {kernel->source, fs::path(path).filename(), *complete, "cuda", ""};
    request.problem = *problem;
    request.device = "emulated";
    return judge_->evaluate(request, judge_->prepare(request.candidate, *problem, "emulated"));
  }
  static Evaluation failed(const Error& error) {
    Evaluation evaluation;
    evaluation.message = error.text();
    return evaluation;
  }

  static inline std::unique_ptr<Judge> judge_;
};

std::vector<std::string> files_of(const fs::path& folder, const std::string& extension) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// "// caught: race" behind the line that is at fault.
struct Expected {
  std::string rule;
  int line = 0;
};
Expected expected_of(const std::string& path) {
  std::ifstream file(path);
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    constexpr std::string_view kMark = "// caught: ";
    const size_t at = line.find(kMark);
    if (at != std::string::npos) return {line.substr(at + kMark.size()), number};
  }
  return {};
}

TEST_F(Emulated, EveryStartingKernelIsRightInEveryThreadOrder) {
  const auto kernels = files_of(KBENCH_SOURCE_DIR "/reference_kernels", ".cu");
  EXPECT_GE(kernels.size(), 13U);
  for (const std::string& path : kernels) {
    const Evaluation evaluation = judged(path);
    EXPECT_EQ(name_of(evaluation.outcome), "ok")
        << path << ": " << evaluation.rule << ": " << evaluation.message << "\n"
        << evaluation.log;
    EXPECT_EQ(name_of(evaluation.evidence), "verified") << path;
    EXPECT_TRUE(evaluation.timing.samples_ns.empty()) << "an emulated device has no time";
  }
}

TEST_F(Emulated, PlantedDefectsAreCaughtWithReasonAndLine) {
  const auto defects = files_of(KBENCH_SOURCE_DIR "/tests/backends/defects", ".cu");
  EXPECT_GE(defects.size(), 15U);
  for (const std::string& path : defects) {
    const Expected expected = expected_of(path);
    const Evaluation evaluation = judged(path, {{"DEFECT", "1"}});
    EXPECT_EQ(evaluation.rule, expected.rule) << path << ": " << evaluation.message << "\n"
                                              << evaluation.log;
    const std::string line = std::to_string(expected.line);
    EXPECT_TRUE(evaluation.message.find(".cu:" + line) != std::string::npos ||
                evaluation.message.find("line " + line) != std::string::npos)
        << path << ": line " << line << " is not named in: " << evaluation.message;
  }
}

TEST_F(Emulated, TheCorrectTwinOfEveryDefectPasses) {
  for (const std::string& path : files_of(KBENCH_SOURCE_DIR "/tests/backends/defects", ".cu")) {
    const Evaluation evaluation = judged(path, {{"DEFECT", "0"}});
    EXPECT_EQ(name_of(evaluation.outcome), "ok")
        << path << ": " << evaluation.rule << ": " << evaluation.message << "\n"
        << evaluation.log;
  }
}

constexpr const char* kHeader =
    "// kbench: task gelu\n// kbench: language cuda\n"
    "// kbench: launch gelu<<<ceil_div(n, 64), 64>>>(x, y, n)\n";

TEST_F(Emulated, InlineAssemblyIsUnsupportedAndItsLineNamed) {
  const Evaluation evaluation =
      judged("ptx.cu", {},
             std::string(kHeader) +
                 "#include <kbench.h>\n__global__ void gelu(const x_t* x, y_t* y, int n) {\n"
                 "  asm volatile(\"membar.gl;\");\n}\n");
  EXPECT_EQ(name_of(evaluation.outcome), "unsupported");
  EXPECT_NE(evaluation.message.find("ptx.cu:6"), std::string::npos) << evaluation.message;
}

TEST_F(Emulated, AKernelOfTheWrongSignatureIsReportedAtItsLaunchLine) {
  const Evaluation evaluation =
      judged("signature.cu", {},
             std::string(kHeader) +
                 "#include <kbench.h>\n__global__ void gelu(const x_t* x, y_t* y, float n) {}\n");
  EXPECT_EQ(name_of(evaluation.outcome), "compile_error");
  EXPECT_NE(evaluation.log.find("signature.cu:3"), std::string::npos) << evaluation.log;
}

}  // namespace
}  // namespace kbench
