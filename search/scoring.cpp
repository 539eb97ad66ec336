#include "search/scoring.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kbench {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

constexpr double kStart = 0.01, kEnd = 0.95;

}  // namespace

Scoring::Scoring(const RecordedSpace& recorded) {
  std::vector<double> costs, failed_costs;
  for (const RecordedRow& row : recorded.rows) {
    const bool ok = row.status == RecordedStatus::ok;
    if (ok) worst_first_.push_back(row.time_ms);
    (ok ? costs : failed_costs).push_back(row.cost_ms());
  }
  std::sort(worst_first_.begin(), worst_first_.end(), std::greater<>());

  const double failed_share =
      static_cast<double>(failed_costs.size()) / static_cast<double>(recorded.rows.size());
  const double mean_ms = mean(costs) + failed_share * mean(failed_costs);
  budget_ = evaluations_to(kEnd);
  const double usual = median(costs);
  const double start = static_cast<double>(evaluations_to(kStart)) * usual;
  const double end = static_cast<double>(budget_) * usual;

  const auto count = static_cast<double>(worst_first_.size());
  for (int i = 0; i < kPoints; ++i) {
    times_ms_.push_back(start + (end - start) * i / (kPoints - 1));
    draws_.push_back(std::max(1.0, std::round(times_ms_.back() / mean_ms)));
    const double expected = std::round(draws_.back() * (count + 1) / (draws_.back() + 1));
    baseline_ms_.push_back(worst_first_[static_cast<size_t>(std::min(count - 1, expected))]);
  }
}

// Draws without replacement until the expected best is `share` of the way from median to optimum.
int64_t Scoring::evaluations_to(double share) const {
  const double cutoff = optimum_ms() + (median(worst_first_) - optimum_ms()) * (1 - share);
  auto found = std::find_if(worst_first_.begin(), worst_first_.end(),
                            [&](double value) { return value <= cutoff; });
  auto i = static_cast<double>(found - worst_first_.begin());
  if (*found == optimum_ms() && share < 1 && i > 0) --i;
  return std::max<int64_t>(
      1, static_cast<int64_t>(std::ceil(i / (static_cast<double>(worst_first_.size()) + 1 - i))));
}

double Scoring::rank(double value_ms) const {
  auto above =
      std::upper_bound(worst_first_.begin(), worst_first_.end(), value_ms, std::greater<>());
  return std::max(0.0, static_cast<double>(above - worst_first_.begin()) - 1);
}

double Scoring::at_rank(double rank) const {
  const auto below = static_cast<size_t>(rank);
  if (below + 1 >= worst_first_.size()) return worst_first_.back();
  const double part = rank - static_cast<double>(below);
  return worst_first_[below] * (1 - part) + worst_first_[below + 1] * part;
}

std::vector<double> Scoring::mean_best_ms(
    const std::vector<std::vector<double>>& ranks_of_runs) const {
  std::vector<double> best(kPoints);
  for (size_t i = 0; i < best.size(); ++i) {
    double sum = 0;
    for (const auto& ranks : ranks_of_runs) sum += ranks[i];
    best[i] = at_rank(sum / static_cast<double>(ranks_of_runs.size()));
  }
  return best;
}

double Scoring::score(const std::vector<double>& best_ms) const {
  double sum = 0, counted = 0;
  for (size_t i = 0; i < best_ms.size(); ++i) {
    const double gap = optimum_ms() - baseline_ms_[i];
    if (gap == 0) continue;  // random search is expected to have the optimum: nothing left to win
    sum += (best_ms[i] - baseline_ms_[i]) / gap;
    ++counted;
  }
  return counted == 0 ? 0 : sum / counted;
}

}  // namespace kbench
