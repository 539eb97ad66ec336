#pragma once

#include "backends/compiler.hpp"
#include "core/expr.hpp"
#include "harness/outcome.hpp"
#include "harness/plan.hpp"

namespace kbench {

// Whether every launch of the plan fits the GPU: threads a block, shared memory (declared in the
// source and asked for at the launch), registers a block. `resource_limit` otherwise; the message
// names the launch line.
Judged<void> check_launch_limits(const LaunchPlan& plan, const CompiledImage& image,
                                 const Bindings& device);

}  // namespace kbench
