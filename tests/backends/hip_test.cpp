#include <gmock/gmock.h>

#include "backends/gpu_devices.hpp"
#include "backends/rtc_server.hpp"
#include "core/process.hpp"
#include "tests/backends/kernel_judge.hpp"

namespace kbench {
namespace {

using testing::Each;
using testing::HasSubstr;

// As cuda_test.cpp, on AMD's side: hipRTC compiles for real, the runtime is the scripted one
// (scripted_hip.cpp).
class Hip : public KernelJudge {
 protected:
  static void SetUpTestSuite() {
    setenv("KBENCH_HIP", KBENCH_SCRIPTED_HIP, 1);
    setenv("CUDA_VISIBLE_DEVICES", place().c_str(), 1);
    setenv("KBENCH_GPU_LIST", KBENCH_BINARY_DIR "/kbench-gpu", 0);
    KernelJudge::SetUpTestSuite();
  }
  static void TearDownTestSuite() {
    KernelJudge::TearDownTestSuite();
    unsetenv("KBENCH_HIP");
    unsetenv("CUDA_VISIBLE_DEVICES");
    std::filesystem::remove("/tmp/kbench-gpu-" + place() + ".lock");
  }
  static std::string place() { return "test-hip-" + std::to_string(getpid()); }
  void SetUp() override {
    if (!find_rtc_library("hip")) GTEST_SKIP() << "no hipRTC here: scripts/setup.sh --hip";
  }

  static Evaluation gelu(const std::string& name, const std::string& launch = "<<<1, 64>>>",
                         const std::string& behind = "") {
    const std::string text =
        "// kbench: task gelu\n// kbench: language hip\n// kbench: dtype f32\n// kbench: launch " +
        name + launch + "(x, y, n)" + behind + "\n#include <kbench.h>\n__global__ void " + name +
        "(const x_t* x, y_t* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = x[threadIdx.x]; }\n";
    return KernelJudge::judged({"own.cu", text, {}, "hip:0", "", Evidence::screened, 1e3});
  }
};

TEST_F(Hip, TheDeviceIsDescribedByItsRuntime) {
  const auto device = gpu_device("hip", 0);
  ASSERT_TRUE(device.has_value()) << device.error().text();
  EXPECT_EQ(device->name, "Scripted Instinct");
  EXPECT_EQ(device->target, "gfx90a");
  EXPECT_EQ(device->driver, "HIP 6.3.42131");
  EXPECT_EQ(device->limits.at("WARP"), 64);
  EXPECT_EQ(device->limits.at("SMS"), 10);
  EXPECT_EQ(device->limits.at("SMEM_MAX"), 64 << 10);
  EXPECT_EQ(device->memory_bytes_per_second, 0) << "AMD's clocks do not tell";
}

TEST_F(Hip, AKernelIsCompiledForTheDeviceVerifiedAndTimedByItsEvents) {
  const Evaluation evaluation = KernelJudge::judged(
      {KBENCH_SOURCE_DIR "/reference_kernels/activation/gelu/elementwise.cu", "", {}, "hip:0"});
  EXPECT_EQ(name_of(evaluation.outcome), "ok") << evaluation.rule << ": " << evaluation.message;
  EXPECT_EQ(name_of(evaluation.evidence), "screened");
  EXPECT_EQ(evaluation.device_model, "Scripted Instinct");
  EXPECT_EQ(evaluation.target, "gfx90a");
  ASSERT_FALSE(evaluation.timing.samples_ns.empty());
  // Its runtime has no graphs: a gap before each.
  EXPECT_THAT(evaluation.timing.samples_ns, Each(testing::DoubleNear(10'500, 1)));
}

TEST_F(Hip, MisdeedsOnTheDeviceAreToldApart) {
  const struct {
    const char *kernel, *outcome, *says;
  } kWrong[] = {
      {"gelu_wrong", "wrong_result", "y["},
      {"gelu_and_past_the_end", "out_of_bounds", "past the end of y"},
      {"gelu_and_input", "input_modified", "writes to x"},
      {"gelu_and_illegal", "crashed", "the GPU's runtime ended the worker"},
      {"gelu_and_assert", "crashed", "hipErrorAssert"},
  };
  for (const auto& [kernel, outcome, says] : kWrong) {
    const Evaluation evaluation = gelu(kernel);
    EXPECT_EQ(name_of(evaluation.outcome), outcome) << kernel << ": " << evaluation.message;
    EXPECT_THAT(evaluation.message, HasSubstr(says)) << kernel;
  }
  EXPECT_EQ(name_of(gelu("gelu").outcome), "ok") << "the worker is replaced after each";
}

TEST_F(Hip, WhatTheRuntimeCannotLaunchIsALaunchError) {
  for (const std::string behind : {" cluster=(2,1,1)", " cooperative"}) {
    const Evaluation evaluation = gelu("gelu", "<<<2, 64>>>", behind);
    EXPECT_EQ(name_of(evaluation.outcome), "launch_error") << behind << evaluation.message;
  }
}

TEST_F(Hip, AKernelInCudaOnlyIsNotForIt) {
  const Evaluation evaluation = KernelJudge::judged(
      {KBENCH_SOURCE_DIR "/reference_kernels/linear_algebra/matmul/tensor_cores.cu",
       "",
       {},
       "hip:0"});
  EXPECT_EQ(name_of(evaluation.outcome), "unsupported") << evaluation.message;
}

TEST(HipLibrary, WhatALibraryLacksIsNamed) {
  const auto listed = [](const std::string& library) {
    ProcessSpec list;
    list.arguments = {"env", "KBENCH_HIP=" + library, KBENCH_BINARY_DIR "/kbench-gpu", "hip"};
    return run_process(list)->out;
  };
  EXPECT_THAT(listed(KBENCH_SCRIPTED_CUDA), HasSubstr("has no function hipInit"));
  EXPECT_THAT(listed("/nowhere"), HasSubstr("libamdhip64.so is not found"));
}

}  // namespace
}  // namespace kbench
