#include "backends/simt_source.hpp"

#include <gmock/gmock.h>

#include "backends/gpu_resources.hpp"

namespace kbench {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string emulated(const std::string& source) {
  const auto text = simt_source(source, "kernel.cu");
  return text ? *text : "refused: " + text.error().text();
}

TEST(SimtSource, AnArrayOfDynamicSharedMemoryBecomesAPointerInTheSameLine) {
  for (const std::string aligned : {"", "__align__(16) ", "alignas ( 16 ) "}) {
    const std::string text = emulated("__global__ void k() {\n  extern  __shared__\n " + aligned +
                                      "unsigned char tile_1 [ ] ;\n  last();\n}\n");
    EXPECT_THAT(text, HasSubstr("unsigned char* const tile_1 = reinterpret_cast<unsigned char*>("));
    EXPECT_THAT(text, Not(HasSubstr("extern")));
    EXPECT_EQ(std::count(text.begin(), text.begin() + static_cast<long>(text.find("last")), '\n'),
              3);
  }
}

TEST(SimtSource, ArraysOfArraysVolatileOnesAndAnyAlignmentArePointersToo) {
  EXPECT_THAT(emulated("extern __shared__ float tile[][33];"),
              HasSubstr("float (* const tile)[33] = reinterpret_cast<float (*)[33]>("));
  EXPECT_THAT(emulated("extern volatile __shared__ int data[];"),
              HasSubstr("volatile int* const data = reinterpret_cast<volatile int*>("));
  EXPECT_THAT(emulated("extern __shared__ __align__(sizeof(double)) char raw[];"),
              HasSubstr("char* const raw ="));
  EXPECT_THAT(emulated("extern __align__(16) __shared__ char raw[];"),
              HasSubstr("char* const raw ="));
}

TEST(SimtSource, AnAlignmentBehindSharedIsPutBeforeIt) {
  EXPECT_EQ(emulated("__shared__ alignas(16) float a[4]; alignas(8) __shared__ int b;"),
            " alignas(16) __shared__ float a[4]; alignas(8) __shared__ int b;");
}

TEST(SimtSource, HeadersOfTheVendorsAreKnownByOtherNames) {
  EXPECT_EQ(
      emulated("#include <cuda/std/array>\n# include <cuda/pipeline>\n"
               "#include <hip/hip_runtime.h>\n#include <cuda/std/atomic>\n#include <array>\n"),
      "#include <array>\n# include <kbench.h>\n#include <kbench.h>\n#include <kbench.h>\n"
      "#include <array>\n");
  EXPECT_THAT(emulated("\n#include <cuda/ptx>\n"), HasSubstr("kernel.cu:2"));
  EXPECT_THAT(emulated("#include <cub/cub.cuh>\n"), HasSubstr("CUB cannot be emulated"));
}

TEST(SimtSource, InstructionsBecomeCallsAndBranchesAreRefused) {
  EXPECT_THAT(emulated("asm(\"mov.u32 %0, %%laneid;\" : \"=r\"(id));"),
              HasSubstr("set((id), ::kbench_ptx::special_laneid())"));
  EXPECT_THAT(
      emulated("asm(\"{.reg .pred %%p; setp.lt.s32 %%p, %1, 3; @%%p add.s32 %0, %0, 0x10;}\""
               " : \"+r\"(a) : \"r\"(b));"),
      HasSubstr("if (kbench_register_p) { ::kbench_ptx::set((a), "
                "::kbench_ptx::op_add<int32_t>((a), 0x10)); }"));
  EXPECT_THAT(emulated("asm(\"@p bra DONE;\");"), HasSubstr("inline PTX cannot be emulated"));
}

TEST(SimtSource, WhatOnlyLooksLikeOneStays) {
  for (const std::string text :
       {"extern __shared__ float part[32];", "extern float tile[];",
        "extern __shared__ float f(int);", "my_extern __shared__ float tile[];",
        "// extern __shared__ float tile[];"}) {
    EXPECT_EQ(emulated(text), text);
  }
}

TEST(SimtSource, StaticBesideSharedGoesOnEitherSide) {
  EXPECT_EQ(emulated("static __shared__ float a[3]; __shared__ static int b; static int c;"),
            "       __shared__ float a[3]; __shared__        int b; static int c;");
}

// A megabyte of each, which would end the judge by recursion, or keep it for minutes where
// something is looked at from every position anew.
TEST(SimtSource, HostileSourcesOfAMegabyteAreReadThrough) {
  constexpr size_t kBytes = 1 << 20;
  const std::string blanks(kBytes, ' ');
  const auto many = [](const std::string& word) {
    std::string text;
    while (text.size() < kBytes) text += word;
    return text;
  };
  EXPECT_THAT(emulated("extern" + blanks + "__shared__" + blanks + "float" + blanks + "tile" +
                       blanks + "[" + blanks + "]" + blanks + ";"),
              HasSubstr("float* const tile"));
  EXPECT_THAT(emulated("static" + blanks + "__shared__ int a;"), Not(HasSubstr("static")));
  EXPECT_THAT(emulated("asm" + blanks + "volatile" + blanks + "(\"cp.async.wait_all;\");"),
              HasSubstr("wait_for_all_copies"));
  for (const std::string word : {"extern __shared__ ", "extern __shared__ alignas(", "extern ",
                                 "static __shared__ ", "asmasm", "volatile "}) {
    EXPECT_GE(emulated(many(word)).size(), kBytes) << word;
  }
}

TEST(GpuResources, NamesOfAMegabyteAreReadThrough) {
  const std::string name(1 << 20, '7');
  std::string log =
      "ptxas info    : Compiling entry function '" + name + "' for 'sm_90'\n" +
      "ptxas info    : Function properties for " + name + "\n" +
      "ptxas         .     0 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads\n" +
      "ptxas info    : Used " + name + " registers, 256 bytes smem\n";
  const auto all = resources_of_ptxas(log);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].function, name);
  EXPECT_EQ(all[0].spilled_bytes, 8);
  EXPECT_EQ(all[0].shared_bytes, 256);
  EXPECT_EQ(log, "");
}

TEST(GpuResources, AFunctionMayBeCalledLikeAMangledType) {
  std::string log =
      "ptxas info    : Compiling entry function 'f' for 'sm_90'\n"
      "ptxas info    : Compiling entry function '_Z5tiledILi16EEvPKf' for 'sm_90'\n";
  const auto all = resources_of_ptxas(log);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].function, "f");
  EXPECT_EQ(all[1].function, "tiled<16>");
}

}  // namespace
}  // namespace kbench
