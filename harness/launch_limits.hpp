#pragma once

#include <string>
#include <vector>

#include "backends/compiler.hpp"
#include "backends/gpu_targets.hpp"
#include "core/expr.hpp"
#include "harness/outcome.hpp"
#include "harness/plan.hpp"

namespace kbench {

// Whether every launch of the plan fits the GPU: threads a block, shared memory (declared in the
// source and asked for at the launch), registers a block. `resource_limit` otherwise; the message
// names the launch line.
Judged<void> check_launch_limits(const LaunchPlan& plan, const CompiledImage& image,
                                 const Bindings& device);

// What a launch wants: registers are those of a thread, the rest is a block's.
struct LaunchDemand {
  int64_t threads = 0, shared_bytes = 0, registers = 0;
};

// How many of the threads that a multiprocessor can hold a launch keeps there.
struct Occupancy {
  int64_t blocks = 0;         // resident at once
  double share = 0;           // of the threads, [0, 1]
  std::string_view bound_by;  // "threads", "blocks", "shared memory", "registers"
};
Occupancy occupancy_of(const Residency& most, const LaunchDemand& wanted);

// What a GPU's image tells of its kernels, a line each: "tiled: 31 registers a thread, ...", and of
// every launch, where the target is known, "occupancy 50 % of sm_90, bound by registers (launch in
// line 9)".
void note_resources(const LaunchPlan& plan, const CompiledImage& image,
                    std::vector<std::string>& notes);

}  // namespace kbench
