#include "search/targets.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kbench {

void Targets::update(const std::vector<Known>& told) {
  std::vector<double> logs;
  for (const Known& known : told) {
    if (std::isfinite(known.value)) logs.push_back(std::log(known.value));
  }
  std::sort(logs.begin(), logs.end());
  median_ = logs[logs.size() / 2];
  // Where all are alike any unit will do.
  unit_ = std::max(median_ - logs.front(), 1e-6);
  logs.resize(std::max<size_t>(logs.size() / 2, 1));
  faster_half_ = std::move(logs);
}

double Targets::of(double value) const {
  if (!std::isfinite(value)) return bound_;
  const double log = std::log(value), target = (log - median_) / unit_;
  if (target > 0) return bound_ * (1 - std::exp(-target / bound_));
  const auto faster = std::lower_bound(faster_half_.begin(), faster_half_.end(), log);
  const auto rank =
      static_cast<double>(faster - faster_half_.begin()) / static_cast<double>(faster_half_.size());
  return (target + rank - 1) / 2;
}

Training training_of(const std::vector<Known>& told, const Targets& targets, size_t most) {
  std::vector<size_t> chosen(told.size());
  std::iota(chosen.begin(), chosen.end(), size_t{0});
  if (told.size() > most) {
    std::stable_sort(chosen.begin(), chosen.end(),
                     [&](size_t a, size_t b) { return told[a].value < told[b].value; });
    const auto rest = chosen.begin() + static_cast<std::ptrdiff_t>(most * 2 / 3);
    std::sort(rest, chosen.end(), std::greater<>());
    chosen.resize(most);
    std::sort(chosen.begin(), chosen.end());  // in the order they were told
  }
  Training training;
  for (const size_t i : chosen) {
    training.configurations.push_back(told[i].configuration);
    training.targets.push_back(targets.of(told[i].value));
  }
  return training;
}

}  // namespace kbench
