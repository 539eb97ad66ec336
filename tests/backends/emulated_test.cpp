#include <gtest/gtest.h>

#include <fstream>

#include "core/files.hpp"
#include "tests/backends/kernel_judge.hpp"

namespace kbench {
namespace {

class Emulated : public KernelJudge {
 protected:
  static Evaluation judged(const std::string& path, const Params& params = {},
                           const std::string& text = {}) {
    return KernelJudge::judged({path, text, params, "emulated"});
  }
};

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
  const auto kernels = files_of("reference_kernels", ".cu");
  EXPECT_GE(kernels.size(), 26U);
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
  const auto defects = files_of("tests/backends/defects", ".cu");
  EXPECT_GE(defects.size(), 45U);
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
  for (const std::string& path : files_of("tests/backends/defects", ".cu")) {
    const Evaluation evaluation = judged(path, {{"DEFECT", "0"}});
    EXPECT_EQ(name_of(evaluation.outcome), "ok")
        << path << ": " << evaluation.rule << ": " << evaluation.message << "\n"
        << evaluation.log;
  }
}

TEST_F(Emulated, ProgramsInTheStyleOfTextbooksRunAsTheyAre) {
  const auto programs = files_of("tests/backends/textbook", ".cu");
  EXPECT_GE(programs.size(), 52U);
  for (const std::string& path : programs) {
    const Evaluation evaluation = judged(path);
    EXPECT_EQ(name_of(evaluation.outcome), "ok")
        << path << ": " << evaluation.rule << ": " << evaluation.message << "\n"
        << evaluation.log;
  }
}

constexpr const char* kHeader =
    "// kbench: task gelu\n// kbench: language cuda\n"
    "// kbench: launch gelu<<<ceil_div(n, 64), 64>>>(x, y, n)\n";

TEST_F(Emulated, AFragmentFilledInAnotherOrderGivesAWrongResult) {
  const Evaluation evaluation =
      judged(KBENCH_SOURCE_DIR "/tests/backends/textbook/matmul_mma_bf16.cu", {{"SHIFT", "1"}});
  EXPECT_EQ(name_of(evaluation.outcome), "wrong_result") << evaluation.message << evaluation.log;
}

TEST_F(Emulated, TensorCoresKeepElevenBitsOfAFloat) {
  const std::string path = KBENCH_SOURCE_DIR "/tests/backends/textbook/matmul_tf32.cu";
  std::string text = read_file(path).value();
  text.replace(text.find("whole_product"), 13, "matmul");  // of any numbers
  const Evaluation evaluation = judged(path, {}, text);
  EXPECT_EQ(name_of(evaluation.outcome), "wrong_result") << evaluation.message << evaluation.log;
}

TEST_F(Emulated, InlineAssemblyIsUnsupportedAndItsLineNamed) {
  const Evaluation evaluation =
      judged("ptx.cu", {},
             std::string(kHeader) +
                 "#include <kbench.h>\n__global__ void gelu(const x_t* x, y_t* y, int n) {\n"
                 "  asm volatile(\"wgmma.fence.sync.aligned;\");\n}\n");
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
