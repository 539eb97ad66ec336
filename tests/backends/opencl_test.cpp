#include <gtest/gtest.h>

#include "backends/opencl_devices.hpp"
#include "tests/backends/kernel_judge.hpp"

namespace kbench {
namespace {

class Opencl : public KernelJudge {
 protected:
  void SetUp() override {
    std::error_code missing;
    if (std::filesystem::is_empty("/etc/OpenCL/vendors", missing) || missing) {
      GTEST_SKIP() << "no OpenCL driver here: scripts/setup.sh --tests";
    }
    const auto devices = opencl_devices();
    ASSERT_TRUE(devices.has_value()) << devices.error().text();
  }

  static Evaluation judged(const std::string& path, const std::string& variant = {}) {
    return KernelJudge::judged({path, "", {}, "opencl", variant, Evidence::verified});
  }
  // A gelu whose body is `lines`, launched in work-groups of 64.
  static Evaluation gelu(const std::string& lines, const std::string& signature = kSignature,
                         const std::string& launch = "gelu<<<ceil_div(n, 64), 64>>>(x, y, n)") {
    const std::string text =
        "// kbench: task gelu\n// kbench: language opencl\n// kbench: dtype f32\n"
        "// kbench: launch " +
        launch + "\n#include <kbench.h>\n" + signature + " {\n" + lines + "\n}\n";
    return KernelJudge::judged({"own.cl", text, {}, "opencl", "", Evidence::verified, 1e3});
  }
  static constexpr const char* kSignature =
      "__kernel void gelu(__global const x_t* x, __global y_t* y, int n)";
  static constexpr const char* kRight =
      "int i = get_global_id(0);\n"
      "if (i < n) y[i] = 0.5f * x[i] * erfc(-0.70710678f * x[i]);";
};

void expect_ok(const Evaluation& evaluation, const std::string& path) {
  EXPECT_EQ(name_of(evaluation.outcome), "ok")
      << path << ": " << evaluation.rule << ": " << evaluation.message << "\n"
      << evaluation.log;
  EXPECT_EQ(name_of(evaluation.evidence), "verified") << path;
}

TEST_F(Opencl, EveryStartingKernelIsRight) {
  const auto kernels = files_of("reference_kernels", ".cl");
  EXPECT_GE(kernels.size(), 23U);
  for (const std::string& path : kernels) expect_ok(judged(path), path);
}

TEST_F(Opencl, StartingKernelsServeTheOtherTypesOfTheirTasks) {
  for (const std::string& path : files_of("reference_kernels", ".cl")) {
    const auto task = find_task(KBENCH_SOURCE_DIR "/tasks", read_kernel_file(path)->task);
    for (size_t i = 1; i < task->variants.size(); ++i) {
      expect_ok(judged(path, task->variants[i].name), path + " " + task->variants[i].name);
    }
  }
}

TEST_F(Opencl, AKernelIsTimedByTheJudgesClock) {
  const Evaluation evaluation = KernelJudge::judged(
      {KBENCH_SOURCE_DIR "/reference_kernels/reduction/row_sum/block.cl", "", {}, "opencl"});
  EXPECT_EQ(name_of(evaluation.outcome), "ok") << evaluation.message;
  EXPECT_EQ(name_of(evaluation.evidence), "screened");
  EXPECT_FALSE(evaluation.timing.samples_ns.empty());
}

TEST_F(Opencl, ASecondCoreIsPutToUse) {
  const auto task = find_task(KBENCH_SOURCE_DIR "/tasks", "gelu");
  Problem problem = task->smoke.front();
  problem.threads = 2;
  const std::string path = KBENCH_SOURCE_DIR "/reference_kernels/activation/gelu/elementwise.cl";
  const auto kernel = read_kernel_file(path);
  EvaluationRequest request;
  request.candidate = {kernel->source, "elementwise.cl", kernel->defaults(), "opencl", ""};
  request.problem = problem;
  request.device = "opencl";
  request.until = Evidence::verified;
  expect_ok(judge_->evaluate(request, judge_->prepare(request.candidate, problem, "opencl")), path);
}

TEST_F(Opencl, ACompilersMessageNamesTheFileAndLine) {
  const Evaluation evaluation = gelu("y[0] = nowhere;");
  EXPECT_EQ(name_of(evaluation.outcome), "compile_error");
  EXPECT_NE(evaluation.log.find("own.cl:7:8"), std::string::npos) << evaluation.log;
}

TEST_F(Opencl, WhatTheLaunchPassesMustBeWhatTheKernelDeclares) {
  const char* kTypes[][2] = {
      {"__kernel void gelu(__global const x_t* x, __global y_t* y, float n)",
       "own.cl:4: argument 3 of gelu must be declared int, not float"},
      {"__kernel void gelu(__global x_t* x, __global y_t* y, int n)",
       "argument 1 of gelu must be declared __global const float* (the kernel may only read it), "
       "not global float*"},
      {"__kernel void gelu(__global const x_t* x, __local y_t* y, int n)", "argument 2 of gelu"},
      {"__kernel void gelu(__global const x_t* x, __global y_t* y)", "must take 3 arguments"},
      {"__kernel void relu(__global const x_t* x, __global y_t* y, int n)", "no kernel gelu"}};
  for (const auto& [signature, said] : kTypes) {
    const Evaluation evaluation = gelu("", signature);
    EXPECT_EQ(name_of(evaluation.outcome), "compile_error") << signature;
    EXPECT_NE(evaluation.message.find(said), std::string::npos) << evaluation.message;
  }
}

TEST_F(Opencl, LimitsAreCheckedBeforeTheLaunch) {
  const Evaluation large = gelu(kRight, kSignature, "gelu<<<ceil_div(n, 65536), 65536>>>(x, y, n)");
  EXPECT_EQ(name_of(large.outcome), "resource_limit") << large.message;
  EXPECT_NE(large.message.find("line 4"), std::string::npos) << large.message;
  const Evaluation local = gelu(
      kRight, "__kernel void gelu(__global const x_t* x, __global y_t* y, int n, __local int* l)",
      "gelu<<<ceil_div(n, 64), 64>>>(x, y, n, local(1 << 30))");
  EXPECT_EQ(name_of(local.outcome), "resource_limit") << local.message;
}

TEST_F(Opencl, ALaunchThatTheDriverRefusesIsNamed) {
  const Evaluation evaluation =
      gelu(kRight, std::string("__attribute__((reqd_work_group_size(32, 1, 1)))\n") + kSignature);
  EXPECT_EQ(name_of(evaluation.outcome), "launch_error") << evaluation.message;
  EXPECT_NE(evaluation.message.find("CL_INVALID_WORK_GROUP_SIZE"), std::string::npos)
      << evaluation.message;
}

TEST_F(Opencl, WrongKernelsAreToldApart) {
  const struct {
    const char *lines, *outcome;
  } kWrong[] = {
      {"int i = get_global_id(0); if (i < n) y[i] = max(x[i], 0.0f);", "wrong_result"},
      {"int i = get_global_id(0); if (i + 1 < n) y[i] = 0.5f * x[i] * erfc(-0.70710678f * x[i]);",
       "wrong_result"},
      {"y[get_global_id(0) + n + 4096] = 0;", "out_of_bounds"},
      {"int i = get_global_id(0); if (i < n) ((__global float*)x)[i] = 0;", "input_modified"},
      {"volatile int one = 1; while (one) {}", "timeout"},
      {"ulong t; __asm__ volatile(\"rdtsc\" : \"=A\"(t)); y[0] = t;", "suspicious"},
      // fork()
      {"long r; __asm__ volatile(\"syscall\" : \"=a\"(r) : \"a\"(57L) : \"rcx\", \"r11\"); "
       "y[0] = r;",
       "suspicious"},
  };
  expect_ok(gelu(kRight), "the right one");
  for (const auto& [lines, outcome] : kWrong) {
    const Evaluation evaluation = gelu(lines);
    EXPECT_EQ(name_of(evaluation.outcome), outcome)
        << lines << ": " << evaluation.rule << ": " << evaluation.message << evaluation.log;
  }
}

TEST_F(Opencl, AChangedProgramIsNotAnsweredFromAnOldImage) {
  const std::string folder = testing::TempDir() + "kbench_opencl_program";
  std::filesystem::create_directories(folder);
  const std::string program = folder + "/kbench-opencl", usual = std::getenv("KBENCH_OPENCL");
  std::filesystem::copy_file(usual, program, std::filesystem::copy_options::overwrite_existing);
  setenv("KBENCH_OPENCL", program.c_str(), 1);
  auto compiler = make_opencl_compiler(0, folder);
  CompileRequest request;
  request.source = "__kernel void nothing() {}\n";
  request.groups = {{1, 1, 1}};
  const auto cached = [&] {
    const auto image = compiler->compile(request);
    EXPECT_TRUE(image && image->status == CompileStatus::ok);
    return image && image->cached;
  };
  EXPECT_FALSE(cached());
  EXPECT_TRUE(cached());
  std::filesystem::last_write_time(program, std::filesystem::file_time_type::clock::now());
  EXPECT_FALSE(cached());
  setenv("KBENCH_OPENCL", usual.c_str(), 1);
  std::filesystem::remove_all(folder);
}

TEST_F(Opencl, ADeviceThatIsNotThereIsAnErrorThatCountsThem) {
  const auto device = parse_device("opencl:99");
  ASSERT_TRUE(device.has_value());
  auto compiler = device->make_compiler(testing::TempDir() + "opencl");
  const auto image = compiler->compile({});
  ASSERT_FALSE(image.has_value());
  EXPECT_NE(image.error().text().find("0 to "), std::string::npos) << image.error().text();
}

}  // namespace
}  // namespace kbench
