#include <chrono>

#include "backends/rtc_server.hpp"
#include "harness/flag_list.hpp"
#include "tests/backends/kernel_judge.hpp"

namespace kbench {
namespace {

// Compiling for GPUs that are not here. What needs a library that is not here either is skipped.
class GpuCompiler : public KernelJudge {
 protected:
  static Evaluation compiled(const std::string& device, const std::string& text) {
    return judged({"kernel.cu", text, {}, device});
  }
  static void every_starting_kernel_compiles_for(const std::string& device) {
    for (const std::string& path : files_of("reference_kernels", ".cu")) {
      const std::string language = device.substr(0, device.find(':'));
      const auto languages = read_kernel_file(path)->languages;
      if (std::count(languages.begin(), languages.end(), language) == 0) continue;
      const Evaluation evaluation = judged({path, "", {}, device});
      if (evaluation.message.find("does not compile for") != std::string::npos) {
        GTEST_SKIP() << "not tested: " << evaluation.message;  // NVRTC 12.0 to 12.7 and sm_100
      }
      EXPECT_EQ(name_of(evaluation.outcome), "ok") << path << ": " << evaluation.message << "\n"
                                                   << evaluation.log;
      EXPECT_EQ(name_of(evaluation.evidence), "compiled") << path;
      EXPECT_GT(evaluation.code_bytes, 0) << path;
    }
  }
};

#define NEEDS(language)                                                         \
  if (auto library = find_rtc_library(language); !library) {                    \
    GTEST_SKIP() << "not tested without a library: " << library.error().text(); \
  }

TEST_F(GpuCompiler, EveryStartingKernelCompilesForSm80) {
  NEEDS("cuda");
  every_starting_kernel_compiles_for("cuda:sm_80");
}
TEST_F(GpuCompiler, EveryStartingKernelCompilesForSm90) {
  NEEDS("cuda");
  every_starting_kernel_compiles_for("cuda:sm_90");
}
TEST_F(GpuCompiler, EveryStartingKernelCompilesForSm100) {
  NEEDS("cuda");
  every_starting_kernel_compiles_for("cuda:sm_100");
}
TEST_F(GpuCompiler, EveryStartingKernelCompilesForGfx90a) {
  NEEDS("hip");
  every_starting_kernel_compiles_for("hip:gfx90a");
}
TEST_F(GpuCompiler, EveryStartingKernelCompilesForGfx1030) {
  NEEDS("hip");
  every_starting_kernel_compiles_for("hip:gfx1030");
}

std::string gelu_with(const std::string& threads, const std::string& parameter,
                      const std::string& body) {
  return "// kbench: task gelu\n// kbench: language cuda hip\n"
         "// kbench: launch gelu<<<ceil_div(n, 64), " +
         threads + ">>>(x, y, n)\n#include <kbench.h>\n" +
         "extern \"C\" __global__ void gelu(const x_t* x, y_t* y, " + parameter + " n) {\n" + body +
         "\n}\n";
}
const std::string kStaticShared =
    "  __shared__ float part[64];\n  part[threadIdx.x] = x[threadIdx.x];\n  __syncthreads();\n"
    "  y[threadIdx.x] = part[63 - threadIdx.x];";

TEST_F(GpuCompiler, TellsRegistersAndSharedMemoryWithoutADevice) {
  for (const std::string device : {"cuda:sm_90", "hip:gfx90a"}) {
    NEEDS(device.substr(0, device.find(':')));
    const Evaluation evaluation = compiled(device, gelu_with("64", "int", kStaticShared));
    ASSERT_FALSE(evaluation.notes.empty()) << evaluation.message << evaluation.log;
    const std::string& note = evaluation.notes.front();
    EXPECT_TRUE(note.starts_with("gelu: ")) << note;
    EXPECT_NE(note.find(" 256 bytes of shared memory"), std::string::npos) << note;
    EXPECT_EQ(note.find(" 0 registers"), std::string::npos) << note;
    if (!device.starts_with("cuda")) continue;
    ASSERT_GT(evaluation.notes.size(), 1U);
    EXPECT_EQ(evaluation.notes[1], "occupancy 100 % of sm_90, bound by threads (launch in line 3)");
  }
}

TEST_F(GpuCompiler, AnErrorNamesTheLineOfTheKernelFile) {
  for (const std::string device : {"cuda:sm_90", "hip:gfx1030"}) {
    NEEDS(device.substr(0, device.find(':')));
    const Evaluation evaluation = compiled(device, gelu_with("64", "int", "  y[0] = nothing;"));
    EXPECT_EQ(name_of(evaluation.outcome), "compile_error");
    EXPECT_NE(evaluation.log.find("kernel.cu"), std::string::npos) << evaluation.log;
    EXPECT_NE(evaluation.log.find("nothing"), std::string::npos) << evaluation.log;
  }
}

TEST_F(GpuCompiler, AKernelOfTheWrongSignatureIsRefused) {
  for (const std::string device : {"cuda:sm_90", "hip:gfx1030"}) {
    NEEDS(device.substr(0, device.find(':')));
    const Evaluation evaluation = compiled(device, gelu_with("64", "float", "  y[0] = 0;"));
    EXPECT_EQ(name_of(evaluation.outcome), "compile_error");
    EXPECT_NE(evaluation.log.find("argument 3 of gelu must be declared int"), std::string::npos)
        << evaluation.log;
  }
}

TEST_F(GpuCompiler, AnUnknownTargetIsAnsweredWithTheKnownOnes) {
  for (const std::string device : {"cuda:sm_35", "hip:gfx999"}) {
    NEEDS(device.substr(0, device.find(':')));
    const Evaluation evaluation = compiled(device, gelu_with("64", "int", kStaticShared));
    EXPECT_EQ(name_of(evaluation.outcome), "unsupported") << evaluation.message;
    const std::string known = device.starts_with("cuda") ? "sm_90" : "gfx90a";
    EXPECT_NE(evaluation.message.find(known), std::string::npos) << evaluation.message;
  }
}

// Else a kernel could leave work behind that the events around it do not see.
TEST_F(GpuCompiler, AKernelThatLaunchesOthersDoesNotCompile) {
  const std::string plain = gelu_with("64", "int", "  child<<<1, 1>>>();");
  const std::string through_library =
      gelu_with("64", "int", "  cudaLaunchDeviceV2(nullptr, nullptr);");
  const auto behind_includes = [](std::string text, const std::string& declared) {
    const std::string include = "#include <kbench.h>\n";
    return text.insert(text.find(include) + include.size(), declared);
  };
  for (const std::string device : {"cuda:sm_90", "hip:gfx90a"}) {
    NEEDS(device.substr(0, device.find(':')));
    const Evaluation launched =
        compiled(device, behind_includes(plain, "__global__ void child() {}\n"));
    EXPECT_EQ(name_of(launched.outcome), "compile_error") << device << launched.message;
  }
  const Evaluation linked =
      compiled("cuda:sm_90",
               behind_includes(through_library,
                               "extern \"C\" __device__ int cudaLaunchDeviceV2(void*, void*);\n"));
  EXPECT_EQ(name_of(linked.outcome), "compile_error") << linked.message;
  EXPECT_FALSE(check_flag("-rdc=true").has_value());
}

TEST_F(GpuCompiler, ATargetWithoutThreadsOrMemoryEnoughIsNamedBeforeALaunch) {
  NEEDS("cuda");
  const Evaluation threads = compiled("cuda:sm_90", gelu_with("2048", "int", kStaticShared));
  EXPECT_EQ(name_of(threads.outcome), "resource_limit");
  EXPECT_NE(threads.message.find("2048 threads"), std::string::npos) << threads.message;
  const Evaluation shared =
      compiled("cuda:sm_86", gelu_with("64, 100 * 1024", "int", kStaticShared));
  EXPECT_EQ(name_of(shared.outcome), "resource_limit");
  EXPECT_NE(shared.message.find("shared memory"), std::string::npos) << shared.message;
}

TEST_F(GpuCompiler, WhatWasCompiledOnceIsNotCompiledAgain) {
  NEEDS("cuda");
  const std::string text = gelu_with("64", "int", kStaticShared);
  compiled("cuda:sm_90", text);
  const Evaluation again = compiled("cuda:sm_90", text);
  EXPECT_EQ(name_of(again.outcome), "ok");
  EXPECT_EQ(again.costs.compile_ms, 0);
  EXPECT_FALSE(again.notes.empty()) << "what the image needs is kept with it";
}

TEST_F(GpuCompiler, ACompilationThatNeverEndsIsStoppedAndTheNextOneServed) {
  NEEDS("cuda");
  auto compiler = make_rtc_compiler("cuda", "sm_90", testing::TempDir() + "/kbench_rtc");
  CompileRequest endless;
  endless.source =
      "constexpr long long spin(long long n) { long long s = 0; for (long long i = 0; i < n; ++i) "
      "for (long long j = 0; j < n; ++j) s += i ^ j; return s; }\n"
      "__global__ void k(long long* x) { constexpr long long v = spin(1000000); *x = v; }\n";
  endless.limit = std::chrono::milliseconds(300);
  const auto stopped = compiler->compile(endless);
  ASSERT_TRUE(stopped.has_value()) << stopped.error().text();
  EXPECT_NE(stopped->status, CompileStatus::ok);
  CompileRequest fine;
  fine.source = "extern \"C\" __global__ void k(long long* x) { *x = 1; }\n";
  const auto next = compiler->compile(fine);
  ASSERT_TRUE(next.has_value()) << next.error().text();
  EXPECT_EQ(next->status, CompileStatus::ok) << next->log;
}

}  // namespace
}  // namespace kbench
