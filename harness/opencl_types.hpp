#pragma once

#include "backends/compiler.hpp"
#include "harness/outcome.hpp"
#include "harness/plan.hpp"

namespace kbench {

// Whether the kernels of an OpenCL image take what their launch lines pass, as the generated tail
// asserts it in other languages. A compile_error otherwise, which names the launch line.
Judged<void> check_opencl_types(const LaunchPlan& plan, const CompiledImage& image,
                                const std::string& kernel_name);

// A letter for each type that a stub may have: p pointer, l local bytes, i int, q int64_t, f float,
// d double, h f16, b bf16.
std::string opencl_letters(const Stub& stub);

}  // namespace kbench
