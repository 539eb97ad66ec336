#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backends/device.hpp"
#include "harness/judge.hpp"

namespace kbench {

// One judge for all tests of a suite: a task's references are compiled once.
class KernelJudge : public ::testing::Test {
 protected:
  struct Asked {
    std::string path, text;  // the text of the file if it is empty
    Params params;
    std::string device;
    std::string variant = {};  // empty: the first that the kernel says it serves
    Evidence until = Evidence::screened;
    double incumbent_ns = 0;  // a fast one makes deadlines short
  };

  static void SetUpTestSuite() {
    setenv("KBENCH_HOME", KBENCH_SOURCE_DIR, 0);
    setenv("KBENCH_WORKER", KBENCH_BINARY_DIR "/kbench-worker", 0);
    setenv("KBENCH_COMPILER", KBENCH_BINARY_DIR "/kbench-compiler", 0);
    setenv("KBENCH_OPENCL", KBENCH_BINARY_DIR "/kbench-opencl", 0);
    auto judge = Judge::start({KBENCH_SOURCE_DIR "/tasks", "", 1});
    ASSERT_TRUE(judge.has_value()) << judge.error().text();
    judge_ = std::move(*judge);
  }
  static void TearDownTestSuite() {
    judge_.reset();
    textbook_judge_.reset();
  }

  // The verdict on the task's first smoke problem, with the ladder where the device runs it.
  static Evaluation judged(const Asked& asked) {
    auto kernel = asked.text.empty() ? read_kernel_file(asked.path)
                                     : parse_kernel_file(asked.text, asked.path);
    if (!kernel) return failed(kernel.error());
    auto task = find_task(KBENCH_SOURCE_DIR "/tasks", kernel->task);
    Judge* judge = judge_.get();
    if (!task) {  // one that only a program of the tests needs
      constexpr const char* kOwnTasks = KBENCH_SOURCE_DIR "/tests/backends/tasks";
      task = find_task(kOwnTasks, kernel->task);
      if (!task) return failed(task.error());
      if (!textbook_judge_) textbook_judge_ = *Judge::start({kOwnTasks, "", 1});
      judge = textbook_judge_.get();
    }
    Problem problem = task->smoke.front();
    if (!kernel->dtypes.empty()) problem.variant = name_of(kernel->dtypes.front());
    if (!asked.variant.empty()) problem.variant = asked.variant;
    auto complete = complete_params(*kernel, asked.params);
    if (!complete) return failed(complete.error());
    const auto device = parse_device(asked.device);
    if (!device) return failed(device.error());
    EvaluationRequest request;
    request.candidate = {kernel->source, std::filesystem::path(asked.path).filename(), *complete,
                         device->language_among(kernel->languages), ""};
    request.problem = problem;
    request.device = asked.device;
    request.until = asked.until;
    request.incumbent_ns = asked.incumbent_ns;
    return judge->evaluate(request, judge->prepare(request.candidate, problem, asked.device));
  }

  // Below the source folder, sorted.
  static std::vector<std::string> files_of(const std::string& folder,
                                           const std::string& extension) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(KBENCH_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == extension) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  static inline std::unique_ptr<Judge> judge_, textbook_judge_;

 private:
  static Evaluation failed(const Error& error) {
    Evaluation evaluation;
    evaluation.message = error.text();
    return evaluation;
  }
};

}  // namespace kbench
