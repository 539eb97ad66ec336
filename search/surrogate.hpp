#pragma once

#include <vector>

#include "search/space.hpp"

namespace kbench {

// What a model learns from: configurations with standardised times, the best -1, the median 0,
// slower ones and failures bounded (docs/search.md).
struct Training {
  std::vector<Configuration> configurations;
  std::vector<double> targets;
};

struct Prediction {
  double mean = 0;
  double variance = 0;
};

// A model of time over configurations.
class Surrogate {
 public:
  virtual ~Surrogate() = default;
  // Observations are only ever added; `training` holds those the search thinks worth their cost.
  virtual void fit(const Training& training) = 0;
  virtual std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const = 0;
};

// Expected improvement over `best` (Jones, Schonlau and Welch 1998), for minimisation.
double expected_improvement(const Prediction& prediction, double best);

}  // namespace kbench
