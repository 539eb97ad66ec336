#include <gmock/gmock.h>

#include "backends/gpu_devices.hpp"
#include "backends/rtc_server.hpp"
#include "core/sandbox.hpp"
#include "harness/device_lock.hpp"
#include "tests/backends/kernel_judge.hpp"

namespace kbench {
namespace {

using testing::Each;
using testing::HasSubstr;

// Kernels are compiled for real; the driver is the scripted one (scripted_cuda.cpp), which knows
// its kernels by name, whatever their text says.
class Cuda : public KernelJudge {
 protected:
  static void SetUpTestSuite() {
    setenv("KBENCH_CUDA", KBENCH_SCRIPTED_CUDA, 1);
    setenv("KBENCH_NVML", KBENCH_SCRIPTED_CUDA, 1);
    setenv("KBENCH_CUBLAS", KBENCH_SCRIPTED_VENDOR, 1);
    setenv("KBENCH_CUDNN", KBENCH_SCRIPTED_VENDOR, 1);
    // The scripted driver takes its place on the bus from here: no test waits for another's lock.
    setenv("CUDA_VISIBLE_DEVICES", place().c_str(), 1);
    setenv("KBENCH_GPU_LIST", KBENCH_BINARY_DIR "/kbench-gpu", 0);
    KernelJudge::SetUpTestSuite();
  }
  static void TearDownTestSuite() {
    KernelJudge::TearDownTestSuite();
    unsetenv("KBENCH_CUDA");
    unsetenv("KBENCH_NVML");
    unsetenv("KBENCH_CUBLAS");
    unsetenv("KBENCH_CUDNN");
    unsetenv("CUDA_VISIBLE_DEVICES");
    std::filesystem::remove("/tmp/kbench-gpu-" + place() + ".lock");
  }
  static std::string place() { return "test-" + std::to_string(getpid()); }
  void SetUp() override {
    if (!find_rtc_library("cuda")) GTEST_SKIP() << "no NVRTC here: scripts/setup.sh --cuda";
  }

  static Evaluation judged(const std::string& path, Evidence until = Evidence::screened) {
    return KernelJudge::judged(
        {KBENCH_SOURCE_DIR "/reference_kernels/" + path, "", {}, "cuda:0", "f32", until});
  }
  // A starting kernel on its task's first problem.
  static EvaluationRequest elementwise() {
    const auto kernel =
        read_kernel_file(KBENCH_SOURCE_DIR "/reference_kernels/activation/gelu/elementwise.cu");
    EvaluationRequest request;
    request.candidate = {kernel->source, "elementwise.cu", kernel->defaults(), "cuda", ""};
    request.problem = find_task(KBENCH_SOURCE_DIR "/tasks", "gelu")->smoke.front();
    request.device = "cuda:0";
    return request;
  }
  // A kernel of that name, with a signature that the scripted driver knows.
  static Evaluation gelu(const std::string& name, const std::string& launch = "<<<1, 64>>>",
                         Evidence until = Evidence::verified) {
    const std::string text =
        "// kbench: task gelu\n// kbench: language cuda\n// kbench: dtype f32\n"
        "// kbench: launch " +
        name + launch + "(x, y, n)\n#include <kbench.h>\n__global__ void " + name +
        "(const x_t* x, y_t* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = x[threadIdx.x]; }\n";
    return KernelJudge::judged({"own.cu", text, {}, "cuda:0", "", until, 1e3});
  }
};

TEST_F(Cuda, TheDeviceIsDescribedByItsDriver) {
  const auto device = gpu_device("cuda", 0);
  ASSERT_TRUE(device.has_value()) << device.error().text();
  EXPECT_EQ(device->name, "Scripted GPU");
  EXPECT_EQ(device->target, "sm_90a");
  EXPECT_EQ(device->driver, "CUDA 13.0, driver 580.0");
  if (sandbox_level().starts_with("namespaces")) {
    EXPECT_EQ(gpu_sandbox("cuda"), "bwrap");
  }
  EXPECT_EQ(device->limits.at("SMS"), 10);
  EXPECT_EQ(device->limits.at("SMEM_MAX"), 227 << 10);
  EXPECT_DOUBLE_EQ(device->memory_bytes_per_second, 2 * 1e9 * 4096 / 8);
}

TEST_F(Cuda, AKernelIsCompiledForTheDeviceVerifiedAndTimedByItsEvents) {
  const Evaluation evaluation = judged("activation/gelu/elementwise.cu");
  EXPECT_EQ(name_of(evaluation.outcome), "ok") << evaluation.rule << ": " << evaluation.message;
  EXPECT_EQ(name_of(evaluation.evidence), "screened");
  EXPECT_EQ(evaluation.device_model, "Scripted GPU");
  EXPECT_EQ(evaluation.target, "sm_90a");
  ASSERT_FALSE(evaluation.timing.samples_ns.empty());
  // A launch each, without the gaps between launches.
  EXPECT_THAT(evaluation.timing.samples_ns, Each(testing::DoubleNear(10'000, 1)));
  EXPECT_THAT(evaluation.notes, testing::Contains(HasSubstr("batches were replayed from a graph")));
  EXPECT_THAT(evaluation.notes,
              testing::Contains(HasSubstr("at 1500 of 1980 MHz or more, held down")));
}

// The scripted one is ten times as fast while its cache keeps what a kernel asked it to keep.
TEST_F(Cuda, WhatAKernelKeepsInTheCacheIsForgottenBeforeTheNextSample) {
  const Evaluation evaluation = gelu("gelu_and_persisting", "<<<1, 64>>>", Evidence::screened);
  EXPECT_EQ(name_of(evaluation.outcome), "ok") << evaluation.message;
  const auto& samples = evaluation.timing.samples_ns;
  ASSERT_FALSE(samples.empty());
  // A batch has 64 calls at most, the first of which finds nothing kept.
  EXPECT_THAT(samples, Each(testing::Ge(1'000 + 9'000 / 64)));
}

TEST_F(Cuda, WhatIsReadAndWrittenInPlaceIsRestoredForEveryCall) {
  const Evaluation evaluation = judged("linear_algebra/axpy/grid_stride.cu");
  EXPECT_EQ(name_of(evaluation.outcome), "ok") << evaluation.rule << ": " << evaluation.message;
}

TEST_F(Cuda, MisdeedsOnTheDeviceAreToldApart) {
  const struct {
    const char *kernel, *outcome, *says;
  } kWrong[] = {
      {"gelu_wrong", "wrong_result", "y["},
      {"gelu_and_past_the_end", "out_of_bounds", "past the end of y"},
      {"gelu_and_next_element", "out_of_bounds", "past the end of y"},
      {"gelu_and_input", "input_modified", "writes to x"},
      {"gelu_and_illegal", "out_of_bounds", "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {"gelu_and_assert", "crashed", "assertion"},
      {"gelu_and_long_events", "suspicious", "host's clock"},
  };
  for (const auto& [kernel, outcome, says] : kWrong) {
    const Evaluation evaluation = gelu(kernel);
    EXPECT_EQ(name_of(evaluation.outcome), outcome) << kernel << ": " << evaluation.message;
    EXPECT_THAT(evaluation.message, HasSubstr(says)) << kernel;
  }
  EXPECT_EQ(name_of(gelu("gelu").outcome), "ok") << "the worker is replaced after each";
}

TEST_F(Cuda, AKernelThatNeverEndsIsKilledAtItsDeadline) {
  const Evaluation evaluation = gelu("gelu_for_ever");
  EXPECT_EQ(name_of(evaluation.outcome), "timeout") << evaluation.message;
  EXPECT_EQ(name_of(gelu("gelu").outcome), "ok");
}

TEST_F(Cuda, LaunchesBeyondTheDeviceAreRefusedBefore) {
  const Evaluation threads = gelu("gelu", "<<<1, 2048>>>");
  EXPECT_EQ(name_of(threads.outcome), "resource_limit");
  EXPECT_THAT(threads.message, HasSubstr("line 4 wants 2048 threads"));
  const Evaluation shared = gelu("gelu", "<<<1, 64, 240000>>>");
  EXPECT_EQ(name_of(shared.outcome), "resource_limit");
  const Evaluation much = gelu("gelu", "<<<1, 64, 100000>>>");  // the driver must be asked for it
  EXPECT_EQ(name_of(much.outcome), "ok") << much.message;
}

TEST_F(Cuda, AProblemLargerThanTheDevicesMemoryIsRefusedWithBothSizes) {
  EvaluationRequest request = elementwise();
  request.problem.dims["n"] = 20'000'000;
  const Evaluation evaluation =
      judge_->evaluate(request, judge_->prepare(request.candidate, request.problem, "cuda:0"));
  EXPECT_EQ(name_of(evaluation.outcome), "resource_limit") << evaluation.message;
  EXPECT_THAT(evaluation.message, HasSubstr("bytes on the GPU, of which"));
}

TEST_F(Cuda, TheDeviceIsOneJudgesOnly) {
  ASSERT_EQ(name_of(gelu("gelu").outcome), "ok");
  auto second = Judge::start({KBENCH_SOURCE_DIR "/tasks", "", 1});
  const EvaluationRequest request = elementwise();
  const Evaluation evaluation = (*second)->evaluate(
      request, (*second)->prepare(request.candidate, request.problem, "cuda:0"));
  EXPECT_EQ(name_of(evaluation.outcome), "internal_error");
  EXPECT_THAT(evaluation.message, HasSubstr("in use by process " + std::to_string(getppid())));
}

TEST_F(Cuda, TwoKernelsAreComparedOnTheDevice) {
  const EvaluationRequest request = elementwise();
  const auto compared = judge_->compare(request.candidate, request.candidate, request.problem,
                                        "cuda:0", PairingRule{});
  ASSERT_TRUE(compared.has_value()) << compared.error().message;
  EXPECT_EQ(name_of(compared->verdict), name_of(Verdict::same));
  EXPECT_NEAR(compared->a_ns, 10'000, 1);
}

TEST_F(Cuda, AConfirmationMeetsHeldOutShapesAndPairsWithTheAnchor) {
  const EvaluationRequest screened = elementwise();
  ConfirmationRequest request;
  request.candidate = screened.candidate;
  request.anchor = request.candidate;
  request.problem = screened.problem;
  request.device = "cuda:0";
  const Confirmation confirmation = judge_->confirm(request);
  EXPECT_EQ(name_of(confirmation.evaluation.evidence), "confirmed")
      << confirmation.evaluation.message;
  EXPECT_FALSE(confirmation.held_out.empty());
  ASSERT_TRUE(confirmation.against_anchor.has_value());
  EXPECT_EQ(name_of(confirmation.against_anchor->verdict), name_of(Verdict::same));
  // 100 W for 10.5 us, launched one by one, by a counter that moves in steps of 20 J.
  EXPECT_NEAR(confirmation.evaluation.call_joules, 1.05e-3, 0.02e-3);
}

TEST_F(Cuda, AScreenMeasuresEnergyWhereItIsAskedTo) {
  EvaluationRequest request = elementwise();
  for (const bool energy : {false, true}) {
    request.energy = energy;
    const Evaluation screened =
        judge_->evaluate(request, judge_->prepare(request.candidate, request.problem, "cuda:0"));
    ASSERT_EQ(name_of(screened.outcome), "ok") << screened.message;
    EXPECT_NEAR(screened.call_joules, energy ? 1.05e-3 : 0, 0.02e-3);
  }
}

// They are host code: the driver is scripted, the libraries too (scripted_vendor.cpp).
TEST_F(Cuda, VendorsBaselinesAreVerifiedAndTimedInTheirStream) {
  for (const char* path : {"linear_algebra/matmul/cublas.cpp", "normalisation/softmax/cudnn.cpp",
                           "convolution/conv2d/cudnn.cpp"}) {
    const Evaluation evaluation = judged(path);
    EXPECT_EQ(name_of(evaluation.outcome), "ok")
        << path << evaluation.rule << ": " << evaluation.message << evaluation.log;
    EXPECT_FALSE(evaluation.timing.samples_ns.empty()) << path;
    EXPECT_THAT(evaluation.timing.samples_ns, Each(testing::DoubleNear(20'000, 1))) << path;
  }
}

TEST_F(Cuda, WhatALibraryRefusesIsUnsupportedWithItsWords) {
  const Evaluation evaluation =
      KernelJudge::judged({KBENCH_SOURCE_DIR "/reference_kernels/linear_algebra/matmul/cublas.cpp",
                           "",
                           {},
                           "cuda:0",
                           "bf16"});
  EXPECT_EQ(name_of(evaluation.outcome), "unsupported") << evaluation.message;
  EXPECT_THAT(evaluation.message, HasSubstr("cublasGemmEx: status 7"));
}

TEST_F(Cuda, HostCodeIsTakenFromTheTreeOnly) {
  const std::string text =
      "// kbench: task gelu\n// kbench: language host-cuda\n// kbench: launch own(x, y, n)\n"
      "void own(const float*, float*, int) {}\n";
  const Evaluation evaluation = KernelJudge::judged({"own.cpp", text, {}, "cuda:0"});
  EXPECT_EQ(name_of(evaluation.outcome), "invalid_header");
  EXPECT_THAT(evaluation.message, HasSubstr("own.cpp:2"));
}

TEST_F(Cuda, AGpuThatIsNotThereIsAnErrorThatCountsThem) {
  const auto device = parse_device("cuda:7");
  ASSERT_FALSE(device.has_value());
  EXPECT_THAT(device.error().text(), HasSubstr("0 to 0"));
}

TEST(CudaLock, TellsWhoHoldsTheDevice) {
  auto first = DeviceLock::take("test-of-the-lock");
  ASSERT_TRUE(first.has_value()) << first.error().text();
  const auto second = DeviceLock::take("test-of-the-lock");
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().text(), HasSubstr("process " + std::to_string(getppid())));
  *first = DeviceLock();
  EXPECT_TRUE(DeviceLock::take("test-of-the-lock").has_value());
}

}  // namespace
}  // namespace kbench
