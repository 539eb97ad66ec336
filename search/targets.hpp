#pragma once

#include "search/memory.hpp"
#include "search/surrogate.hpp"

namespace kbench {

// Times as models see them: the best is -1 and the median 0. Between them lies the mean of log time
// and of rank: where few are far faster than the rest, log time alone hardly tells these few apart.
// What is slower than the median is bent towards `bound`, where failures lie: how bad the bad ones
// are should not shape the model where it matters.
class Targets {
 public:
  explicit Targets(double bound) : bound_(bound) {}

  // From what is known; at least one configuration ran.
  void update(const std::vector<Known>& told);
  double of(double value) const;  // infinity: it failed

 private:
  double bound_;
  double median_ = 0, unit_ = 1;     // of log time
  std::vector<double> faster_half_;  // log times, sorted
};

// All that is known, or where that is more than `most`, its best two thirds and newest rest: a fit
// costs the third power of their number.
Training training_of(const std::vector<Known>& told, const Targets& targets, size_t most);

}  // namespace kbench
