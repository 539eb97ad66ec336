#include "results/score_estimators.hpp"

#include <algorithm>
#include <cmath>

namespace kbench {

double pass_at_k(int64_t n, int64_t c, int64_t k) {
  // 1 - C(n - c, k) / C(n, k), as a product so that nothing overflows.
  double none = 1;
  for (int64_t i = 0; i < k; ++i) {
    none *= static_cast<double>(std::max<int64_t>(n - c - i, 0)) / static_cast<double>(n - i);
  }
  return 1 - none;
}

double best_of_k(std::vector<double> values, int64_t k) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<int64_t>(values.size());
  // The r-th smallest is the largest of C(r - 1, k - 1) of the C(n, k) subsets.
  double weight = static_cast<double>(k) / static_cast<double>(n), sum = 0;
  for (int64_t r = n; r >= k; --r) {
    sum += weight * values[static_cast<size_t>(r - 1)];
    if (r > 1) weight *= static_cast<double>(r - k) / static_cast<double>(r - 1);
  }
  return sum;
}

double efficiency(double speedup, double censor) {
  return std::max(0.0, censor - 1 / speedup) / (censor - 1);
}

PerformanceLevels::PerformanceLevels(std::vector<double> speedups, double gap) {
  std::sort(speedups.begin(), speedups.end());
  for (size_t i = 0; i < speedups.size(); ++i) {
    if (slowest_.empty() || speedups[i] > slowest_.back() * (1 + gap)) {
      slowest_.push_back(speedups[i]);
      share_.push_back(0);
    }
    share_.back() = 100 * static_cast<double>(i + 1) / static_cast<double>(speedups.size());
  }
}

double PerformanceLevels::score(double speedup) const {
  const auto above = std::upper_bound(slowest_.begin(), slowest_.end(), speedup);
  return above == slowest_.begin() ? 0 : share_[static_cast<size_t>(above - slowest_.begin() - 1)];
}

double proficiency(const std::vector<Suggestion>& suggestions) {
  auto all = [&](auto&& holds) {
    return std::all_of(suggestions.begin(), suggestions.end(), holds);
  };
  if (all([](const Suggestion& one) { return !one.right; })) return 0;
  const auto distinct = std::count_if(suggestions.begin(), suggestions.end(),
                                      [](const Suggestion& one) { return one.distinct; });
  if (all([](const Suggestion& one) { return one.right; })) return distinct == 1 ? 1 : 0.75;
  return all([](const Suggestion& one) { return one.in_form; }) ? 0.5 : 0.25;
}

double reward_of_right(double low) {
  return std::clamp(std::log2(low), kLeastReward, kLargestReward);
}

}  // namespace kbench
