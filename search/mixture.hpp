#pragma once

#include <memory>

#include "search/surrogate.hpp"

namespace kbench {

// Models of different kinds as one: every prediction is the equal mixture of theirs. Their errors
// have little in common, so their mean is better than either; and where they disagree the variance
// of the mixture is large, so that is where the search goes to find out.
class Mixture : public Surrogate {
 public:
  explicit Mixture(std::vector<std::unique_ptr<Surrogate>> models) : models_(std::move(models)) {}

  void fit(const Training& training) override;
  std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const override;

 private:
  std::vector<std::unique_ptr<Surrogate>> models_;
};

}  // namespace kbench
