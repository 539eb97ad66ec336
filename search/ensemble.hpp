#pragma once

#include <deque>
#include <memory>

#include "search/surrogate.hpp"

namespace kbench {

// Expected improvement over `best` (Jones, Schonlau and Welch 1998), for minimisation.
double expected_improvement(const Prediction& prediction, double best);

// Models asked together, each weighted by how well it foretold the answers so far: the likelihood
// of what came, older answers fading.
class Ensemble {
 public:
  explicit Ensemble(std::vector<std::unique_ptr<Surrogate>> models);

  void fit(const Training& training);
  // Weighted expected improvement of each candidate over `best`.
  std::vector<double> improvement(const std::vector<Configuration>& candidates, double best) const;

  // Remembers what each model says of a configuration that is about to be tried ...
  void foretell(const Configuration& configuration);
  // ... and what came of it. One that was not foretold is ignored.
  void learn(const Configuration& configuration, double target);
  std::vector<double> weights() const;

 private:
  struct Foretold {
    Configuration configuration;
    std::vector<Prediction> predictions;  // of each model
  };

  std::vector<std::unique_ptr<Surrogate>> models_;
  std::vector<double> log_evidence_;
  std::deque<Foretold> open_;
};

}  // namespace kbench
