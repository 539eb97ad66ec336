#pragma once

#include <memory>

#include "search/surrogate.hpp"

namespace kbench {

// Gaussian process, mostly smooth and partly rough, with one length scale a feature (Rasmussen and
// Williams 2006). Each feature's codes lie evenly in [0, 1]. Once there are enough points a param
// of more than two values counts twice: in its order, and as a nominal one, of which any two values
// are equally far apart. Order alone looks for the best at the ends of every param and hardly
// between them. Length scales and noise climb the log posterior by a few steps a fit, from where
// they were: the data grow by one point at a time.
class GaussianProcess : public Surrogate {
 public:
  explicit GaussianProcess(const Space& space);
  ~GaussianProcess() override;

  void fit(const Training& training) override;
  std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kbench
