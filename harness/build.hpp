#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/compiler.hpp"
#include "harness/evaluation.hpp"
#include "harness/plan.hpp"

namespace kbench {

// A candidate ready to be loaded: its plans on the timed problem and on the verification ladder,
// and the image that serves them. A kernel that `define`s a dim has one image per value.
struct Build {
  KernelFile kernel;
  LaunchPlan timed;                               // on the request's problem
  std::vector<std::optional<LaunchPlan>> ladder;  // per ladder problem; none: the header forbids it
  CompiledImage image;                            // of the timed problem
  std::vector<std::string> ladder_images;  // path per ladder problem, "" where there is no plan
  std::string candidate_hash, build_hash, equivalent_hash;
};

// Parses, plans and compiles; thread-safe, so that it runs beside timing. What is wrong with the
// candidate is a Fault; a machine without a compiler or disk is an internal_error Fault.
Judged<Build> make_build(Compiler& compiler, const Candidate& candidate, const Task& task,
                         const Problem& problem, const std::vector<Problem>& ladder,
                         const Bindings& device, CompiledImage& compiled);

}  // namespace kbench
