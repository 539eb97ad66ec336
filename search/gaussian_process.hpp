#pragma once

#include "search/features.hpp"
#include "search/surrogate.hpp"

namespace kbench {

// Gaussian process with a Matern-5/2 kernel and one length scale a feature (Rasmussen and Williams
// 2006). Each feature's codes lie evenly in [0, 1]. Length scales and noise climb the log posterior
// by a few steps a fit, from where they were: the data grow by one point at a time.
class GaussianProcess : public Surrogate {
 public:
  explicit GaussianProcess(const Space& space);

  void fit(const Training& training) override;
  std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const override;

  const std::vector<double>& log_length_scales() const { return log_scales_; }

 private:
  // Points as one row a feature, so that loops run along points.
  struct Points {
    size_t count = 0;
    std::vector<std::vector<float>> rows;
  };
  Points points_of(const std::vector<Configuration>& configurations, size_t first,
                   size_t count) const;
  // Squared scaled distances from point `i` of `a` to all of `b`, then the kernel of them.
  void distances(const Points& a, size_t i, const Points& b, float* squared) const;
  void climb(const Training& training);

  Features features_;
  std::vector<double> log_scales_;
  double log_noise_ = -5;  // of the variance, relative to the signal's
  std::vector<double> steps_, signs_;

  Points points_;
  std::vector<float> factor_;       // Cholesky factor, columns one after another
  std::vector<float> factor_rows_;  // the same, rows one after another
  std::vector<float> whitened_;  // factor^-1 (targets - mean)
  double mean_ = 0, signal_ = 1;
};

}  // namespace kbench
