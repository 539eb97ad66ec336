#include "harness/verify.hpp"

#include <cstring>
#include <numeric>

namespace kbench {

namespace {

bool must_repeat(const Task& task) {
  for (const auto& [tensor, comparator] : task.comparators) {
    if (comparator.reproducible) return true;
  }
  return false;
}

std::vector<std::vector<char>> copy_outputs(const ProblemContext& context, TensorRing& ring,
                                            int set) {
  std::vector<std::vector<char>> copies;
  const std::vector<const void*> working = ring.working(set);
  for (size_t t = 0; t < working.size(); ++t) {
    const auto* bytes = static_cast<const char*>(working[t]);
    const bool compared = context.task().comparators.contains(context.task().tensors[t].name);
    copies.emplace_back(bytes, compared ? bytes + ring.shapes()[t].bytes() : bytes);
  }
  return copies;
}

Judged<void> check_repeats(LoadedKernel& kernel, size_t part, int set) {
  ProblemContext& context = *kernel.problem(part).context;
  const auto first = copy_outputs(context, context.ring(), set);
  kernel.reset(part, set);
  const int order[] = {set};
  if (auto ns = kernel.run(part, order); !ns) return tl::unexpected(ns.error());
  const auto second = copy_outputs(context, context.ring(), set);
  for (size_t t = 0; t < first.size(); ++t) {
    if (first[t] == second[t]) continue;
    return fault(Outcome::nondeterministic, "reproducible",
                 context.task().tensors[t].name + " differs between two runs on " +
                     context.problem(set).canonical());
  }
  return {};
}

}  // namespace

Judged<Verification> verify_part(LoadedKernel& kernel, size_t part) {
  ProblemContext& context = *kernel.problem(part).context;
  Verification found;
  found.problems = 1;
  std::vector<int> order(static_cast<size_t>(context.ring().sets()));
  std::iota(order.begin(), order.end(), 0);
  for (int round = 0; round < kernel.thread_orders(); ++round) {
    for (const int set : order) kernel.reset(part, set);
    auto ns = kernel.run(part, order);
    if (!ns) return tl::unexpected(ns.error());
    found.kernel_ns += *ns;
    for (const int set : order) {
      if (auto right = context.check_all(set); !right) {
        return tl::unexpected(kernel.explained(right.error()));
      }
      found.deviation += context.deviation(set);
    }
    if (auto conduct = kernel.check_conduct(part, order); !conduct) {
      return tl::unexpected(conduct.error());
    }
  }
  if (must_repeat(context.task())) {
    if (auto same = check_repeats(kernel, part, 0); !same) return tl::unexpected(same.error());
  }
  return found;
}

Judged<Verification> verify_ladder(Arena& arena, WorkerServer& server, const Build& build,
                                   const std::vector<ProblemContext*>& ladder, LoadedKernel& kernel,
                                   const WorkerLimits& limits) {
  Verification total;
  size_t part = 0;
  for (size_t rung = 0; rung < ladder.size(); ++rung) {
    const auto& plan = build.ladder[rung];
    if (!plan) {
      ++total.unsupported;
      continue;
    }
    Judged<Verification> found;
    if (build.ladder_images[rung] == build.image.path) {
      found = verify_part(kernel, part++);
    } else {
      auto other = LoadedKernel::load(arena, server, build.ladder_images[rung],
                                      {{ladder[rung], &*plan}}, limits);
      if (!other) return tl::unexpected(other.error());
      found = verify_part(**other, 0);
    }
    if (!found) return found;
    total.kernel_ns += found->kernel_ns;
    total.problems += found->problems;
    total.deviation += found->deviation;
  }
  return total;
}

Judged<std::unique_ptr<LoadedKernel>> load_build(Arena& arena, WorkerServer& server,
                                                 const Build& build,
                                                 const std::vector<ProblemContext*>& ladder,
                                                 ProblemContext* timed,
                                                 const WorkerLimits& limits) {
  std::vector<PlannedProblem> problems;
  for (size_t rung = 0; rung < ladder.size(); ++rung) {
    if (build.ladder_images[rung] == build.image.path && build.ladder[rung]) {
      problems.push_back({ladder[rung], &*build.ladder[rung]});
    }
  }
  if (timed != nullptr) problems.push_back({timed, &build.timed});
  return LoadedKernel::load(arena, server, build.image.path, std::move(problems), limits);
}

Judged<void> verify_timed(LoadedKernel& kernel, size_t part, std::mt19937_64& random) {
  ProblemContext& context = *kernel.problem(part).context;
  const int set = 0, held = context.ring().sets();
  const int order[] = {set};
  for (const int answers : {set, held}) {
    if (answers == held) context.copy_inputs(held, set);
    kernel.reset(part, set);
    if (auto ns = kernel.run(part, order); !ns) return tl::unexpected(ns.error());
    if (auto right = check_held(context, set, answers, random); !right) return right;
  }
  return {};
}

}  // namespace kbench
