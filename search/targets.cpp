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
  const auto middle = logs.begin() + static_cast<std::ptrdiff_t>(logs.size() / 2);
  std::nth_element(logs.begin(), middle, logs.end());
  median_ = *middle;
  // Where all are alike any unit will do.
  unit_ = std::max(median_ - *std::min_element(logs.begin(), logs.end()), 1e-6);
}

double Targets::of(double value) const {
  if (!std::isfinite(value)) return bound_;
  const double target = (std::log(value) - median_) / unit_;
  return target <= 0 ? target : bound_ * (1 - std::exp(-target / bound_));
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
