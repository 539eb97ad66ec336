#include "search/models/tuner.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "search/warm_start.hpp"

namespace kbench {

std::optional<double> measured_ns(const Evaluation& evaluation) {
  if (evaluation.outcome != Outcome::ok || evaluation.evidence < Evidence::screened) return {};
  return evaluation.timing.median_ns;
}

Result<Tuner> Tuner::start(const SearchKernel& kernel, const std::string& strategy,
                           const std::map<std::string, std::string>& options, uint64_t seed,
                           int64_t share, int lag, std::vector<Configuration> first) {
  Tuner tuner;
  tuner.kernel_ = std::make_unique<SearchKernel>(kernel);
  auto made = make_strategy(strategy, options, tuner.kernel_->space, seed);
  if (!made) return tl::unexpected(made.error());
  tuner.strategy_ =
      first.empty() ? std::move(*made) : warm_start(std::move(first), std::move(*made));
  tuner.share_ = share;
  tuner.lag_ = lag;
  tuner.defaults_ = kernel.space.defaults();
  if (kernel.space.valid(tuner.defaults_)) {
    tuner.queue_.push_back(tuner.defaults_);
    tuner.asked_ = 1;
  } else {
    tuner.ask();
  }
  return tuner;
}

void Tuner::ask() {
  while (!exhausted_ && asked_ < share_ &&
         static_cast<int64_t>(queue_.size()) + under_way_ < lag_) {
    auto configuration = strategy_->ask();
    if (!configuration) {
      exhausted_ = true;
    } else if (*configuration != defaults_ || asked_ == 0) {
      queue_.push_back(std::move(*configuration));
      ++asked_;
    }
  }
}

std::optional<Configuration> Tuner::next() {
  if (queue_.empty()) return {};
  Configuration configuration = std::move(queue_.front());
  queue_.pop_front();
  ++under_way_;
  ++sent_;
  return configuration;
}

void Tuner::tell(const Configuration& configuration, const Evaluation& evaluation) {
  --under_way_;
  const std::optional<double> value = measured_ns(evaluation);
  strategy_->tell({configuration, value});
  if (!first_) {
    first_ = evaluation;
    // A kernel that is wrong with its own defaults is sent back, not searched.
    if (!value) {
      exhausted_ = true;
      queue_.clear();
    }
  }
  if (value) {
    for (const auto& [name, chosen] : evaluation.params) {
      double& best = times_[name].try_emplace(chosen, *value).first->second;
      best = std::min(best, *value);
    }
    if (best_ns_ == 0 || *value < best_ns_) {
      best_ns_ = *value;
      best_ = evaluation.params;
    }
  }
  ask();
}

std::string Tuner::surface() const {
  std::string text;
  for (const auto& [name, values] : times_) {
    if (values.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [value, ns] : values) parts.push_back(value + " " + format_time(ns));
    text += name + ": " + join(parts, ", ") + "\n";
  }
  return text;
}

}  // namespace kbench
