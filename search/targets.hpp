#pragma once

#include "search/memory.hpp"
#include "search/surrogate.hpp"

namespace kbench {

// Times as models see them: log time, moved and scaled so that the best is -1 and the median 0.
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
  double median_ = 0, unit_ = 1;  // of log time
};

// All that is known, or where that is more than `most`, its best two thirds and newest rest: a fit
// costs the third power of their number.
Training training_of(const std::vector<Known>& told, const Targets& targets, size_t most);

}  // namespace kbench
