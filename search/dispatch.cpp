#include "search/dispatch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kbench {
namespace {

// Every problem gets the fastest of the kernels.
Dispatch dispatch_of(std::vector<size_t> kernels,
                     const std::vector<std::vector<double>>& times_ns) {
  Dispatch made{.kernels = std::move(kernels)};
  double log_ratios = 0;
  const size_t problems = times_ns.front().size();
  for (size_t problem = 0; problem < problems; ++problem) {
    const auto time = [&](size_t kernel) { return times_ns[kernel][problem]; };
    size_t chosen = made.kernels.front();
    for (const size_t kernel : made.kernels) {
      if (time(kernel) < time(chosen)) chosen = kernel;
    }
    double best = std::numeric_limits<double>::infinity();
    for (size_t kernel = 0; kernel < times_ns.size(); ++kernel) best = std::min(best, time(kernel));
    const double ratio = time(chosen) / best;
    made.of_problem.push_back(chosen);
    made.losses.push_back(ratio - 1);
    made.worst_loss = std::max(made.worst_loss, ratio - 1);
    log_ratios += std::log(ratio);
  }
  made.mean_loss = std::exp(log_ratios / static_cast<double>(problems)) - 1;
  return made;
}

}  // namespace

std::vector<Dispatch> dispatches(const std::vector<std::vector<double>>& times_ns) {
  std::vector<Dispatch> found;
  std::vector<size_t> kernels;
  while (kernels.size() < times_ns.size() && (found.empty() || found.back().worst_loss > 0)) {
    Dispatch best;
    for (size_t kernel = 0; kernel < times_ns.size(); ++kernel) {
      if (std::find(kernels.begin(), kernels.end(), kernel) != kernels.end()) continue;
      std::vector<size_t> more = kernels;
      more.push_back(kernel);
      Dispatch with = dispatch_of(std::move(more), times_ns);
      if (best.kernels.empty() || with.mean_loss < best.mean_loss) best = std::move(with);
    }
    kernels = best.kernels;
    found.push_back(std::move(best));
  }
  return found;
}

const Dispatch& within(const std::vector<Dispatch>& dispatches, double loss) {
  for (const Dispatch& each : dispatches) {
    if (each.mean_loss <= loss) return each;
  }
  return dispatches.back();
}

}  // namespace kbench
