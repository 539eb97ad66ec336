#include "harness/flag_list.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <vector>

#include "core/text.hpp"

namespace kbench {
namespace {

constexpr std::string_view kFlags[] = {
    // g++ and clang++
    "-O0",
    "-O1",
    "-O2",
    "-O3",
    "-Os",
    "-Ofast",
    "-ffast-math",
    "-fno-fast-math",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fno-signed-zeros",
    "-ffinite-math-only",
    "-fassociative-math",
    "-freciprocal-math",
    "-funsafe-math-optimizations",
    "-ffp-contract=fast",
    "-ffp-contract=on",
    "-ffp-contract=off",
    "-fexcess-precision=fast",
    "-funroll-loops",
    "-fno-unroll-loops",
    "-fpeel-loops",
    "-fopenmp",
    "-fopenmp-simd",
    "-ftree-vectorize",
    "-fno-tree-vectorize",
    "-fno-tree-slp-vectorize",
    "-fvectorize",
    "-fno-vectorize",
    "-fslp-vectorize",
    "-fno-slp-vectorize",
    "-fvect-cost-model=unlimited",
    "-fvect-cost-model=dynamic",
    "-fvect-cost-model=cheap",
    "-fvect-cost-model=very-cheap",
    "-floop-interchange",
    "-floop-unroll-and-jam",
    "-fno-strict-aliasing",
    "-fstrict-aliasing",
    "-fomit-frame-pointer",
    "-fno-exceptions",
    "-fno-semantic-interposition",
    "-fno-stack-protector",
    "-fprefetch-loop-arrays",
    "-fno-prefetch-loop-arrays",
    "-fschedule-insns",
    "-fno-schedule-insns",
    "-fno-schedule-insns2",
    "-fno-ivopts",
    "-fipa-pta",
    "-fgcse-las",
    "-fno-inline",
    "-mfma",
    "-mno-fma",
    "-mf16c",
    "-mavx2",
    "-mno-avx512f",
    "-mprefer-vector-width=none",
    "-mprefer-vector-width=128",
    "-mprefer-vector-width=256",
    "-mprefer-vector-width=512",
    "-mno-vzeroupper",
    // nvrtc
    "--use_fast_math",
    "-use_fast_math",
    "--fmad=true",
    "--fmad=false",
    "--ftz=true",
    "--ftz=false",
    "--prec-div=true",
    "--prec-div=false",
    "--prec-sqrt=true",
    "--prec-sqrt=false",
    "--extra-device-vectorization",
    "--restrict",
    "-restrict",
    "-default-device",
    // hip
    "-munsafe-fp-atomics",
    "-mno-unsafe-fp-atomics",
    "-mcumode",
    "-mno-cumode",
    "-fgpu-flush-denormals-to-zero",
    "-fno-gpu-flush-denormals-to-zero",
    "-mwavefrontsize64",
    "-mno-wavefrontsize64",
    // opencl
    "-cl-fast-relaxed-math",
    "-cl-mad-enable",
    "-cl-no-signed-zeros",
    "-cl-denorms-are-zero",
    "-cl-finite-math-only",
    "-cl-unsafe-math-optimizations",
    "-cl-fp32-correctly-rounded-divide-sqrt",
    "-cl-single-precision-constant",
    "-cl-opt-disable",
    "-cl-std=CL1.2",
    "-cl-std=CL2.0",
    "-cl-std=CL3.0",
};

// Options with a free value: a word for a processor, a number for a limit.
struct Prefix {
  std::string_view text;
  bool number;
};
constexpr Prefix kPrefixes[] = {{"-march=", false},
                                {"-mtune=", false},
                                {"--maxrregcount=", true},
                                {"-maxrregcount=", true},
                                {"-finline-limit=", true},
                                {"--param=max-unroll-times=", true},
                                {"--param=max-unrolled-insns=", true}};

bool fits(std::string_view value, bool number) {
  return !value.empty() && value.size() <= 40 &&
         std::all_of(value.begin(), value.end(), [&](char c) {
           const auto byte = static_cast<unsigned char>(c);
           if (number) return std::isdigit(byte) != 0;
           return std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_';
         });
}

}  // namespace

Result<void> check_flag(std::string_view flag) {
  if (std::find(std::begin(kFlags), std::end(kFlags), flag) != std::end(kFlags)) return {};
  for (const Prefix& prefix : kPrefixes) {
    if (flag.substr(0, prefix.text.size()) == prefix.text &&
        fits(flag.substr(prefix.text.size()), prefix.number)) {
      return {};
    }
  }
  std::vector<std::string> known(std::begin(kFlags), std::end(kFlags));
  const std::string hint = suggestion(flag, known);
  return bad_input(
      "the compiler option '" + std::string(flag) + "' is not on the allow list", {},
      hint.substr(0, 3) == "did" ? hint : "docs/kernel-file.md lists the allowed ones");
}

}  // namespace kbench
