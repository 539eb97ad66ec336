#pragma once

#include <vector>

#include "search/space.hpp"

namespace kbench {

// What a model learns from: configurations with standardised times (search/targets.hpp).
struct Training {
  std::vector<Configuration> configurations;
  std::vector<double> targets;
};

struct Prediction {
  double mean = 0;
  double variance = 0;
};

// Expected improvement over `best` (Jones, Schonlau and Welch 1998), for minimisation.
double expected_improvement(const Prediction& prediction, double best);

// A model of time over configurations.
class Surrogate {
 public:
  virtual ~Surrogate() = default;
  // From one fit to the next few configurations are added; a model may build on its last fit.
  virtual void fit(const Training& training) = 0;
  virtual std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const = 0;
};

}  // namespace kbench
