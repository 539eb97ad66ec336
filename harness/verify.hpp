#pragma once

#include "harness/build.hpp"
#include "harness/loaded_kernel.hpp"

namespace kbench {

// What verifying found besides right or wrong.
struct Verification {
  double kernel_ns = 0;  // inside the candidate
  int problems = 0;      // rungs compared in full
  int unsupported = 0;   // rungs the kernel's header excludes
  Deviation deviation = {};
};

// One part of a loaded kernel against the reference in full, on every set of that problem. A tensor
// whose comparator asks for it must be equal to the bit in two runs.
Judged<Verification> verify_part(LoadedKernel& kernel, size_t part);

// The ladder, cheapest first. Rungs whose image is the timed one are parts 0.. of `kernel` in
// ladder order; others are loaded one by one.
Judged<Verification> verify_ladder(Arena& arena, WorkerServer& server, const Build& build,
                                   const std::vector<ProblemContext*>& ladder, LoadedKernel& kernel,
                                   const WorkerLimits& limits);

// Loads the timed image with the rungs it serves, the timed problem last.
Judged<std::unique_ptr<LoadedKernel>> load_build(Arena& arena, WorkerServer& server,
                                                 const Build& build,
                                                 const std::vector<ProblemContext*>& ladder,
                                                 ProblemContext* timed, const WorkerLimits& limits);

// The timed problem, on its own fill and on a held set. Only where no screen follows: there the
// kernel meets both in the midst of timing, at a moment that it cannot foresee.
Judged<void> verify_timed(LoadedKernel& kernel, size_t part, std::mt19937_64& random);

}  // namespace kbench
