#include "harness/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace kbench {

double quantile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - static_cast<double>(below));
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

namespace {

// Medians of each launch first, so that a launch with more pairs does not count for more.
double centre(const std::vector<std::vector<double>>& launches) {
  std::vector<double> medians;
  for (const auto& pairs : launches) medians.push_back(median(pairs));
  return median(std::move(medians));
}

Verdict judge_interval(double low, double high, double effect) {
  if (high < 1 - effect) return Verdict::faster;
  if (low > 1 + effect) return Verdict::slower;
  if (low >= 1 - effect && high <= 1 + effect) return Verdict::same;
  return Verdict::inconclusive;
}

}  // namespace

Comparison compare_pairs(const std::vector<std::vector<double>>& launches,
                         const ComparisonRule& rule, uint64_t seed) {
  Comparison result;
  std::vector<std::vector<double>> used;
  for (const auto& pairs : launches) {
    if (pairs.empty()) continue;
    used.push_back(pairs);
    result.log_ratios.insert(result.log_ratios.end(), pairs.begin(), pairs.end());
  }
  result.launches = static_cast<int>(used.size());
  result.pairs = static_cast<int>(result.log_ratios.size());
  result.confidence = 1 - (1 - rule.confidence) / std::max(1, rule.comparisons);
  if (used.empty()) return result;
  result.ratio = std::exp(centre(used));

  std::mt19937_64 random(seed);
  auto below = [&](size_t count) { return static_cast<size_t>(random() % count); };
  std::vector<double> centres;
  std::vector<double> medians, resampled;
  for (int i = 0; i < rule.resamples; ++i) {
    medians.clear();
    for (size_t launch = 0; launch < used.size(); ++launch) {
      const auto& pairs = used[below(used.size())];
      resampled.clear();
      for (size_t pair = 0; pair < pairs.size(); ++pair)
        resampled.push_back(pairs[below(pairs.size())]);
      medians.push_back(median(resampled));
    }
    centres.push_back(median(medians));
  }
  std::sort(centres.begin(), centres.end());
  const double tail = (1 - result.confidence) / 2;
  result.low = std::exp(quantile(centres, tail));
  result.high = std::exp(quantile(centres, 1 - tail));
  const bool enough = result.launches >= rule.enough_launches;
  if (result.launches >= 2) {
    result.verdict =
        judge_interval(result.low, result.high, enough ? rule.minimum_effect : rule.plain_effect);
    if (!enough && result.verdict == Verdict::same) result.verdict = Verdict::inconclusive;
  }
  return result;
}

}  // namespace kbench
