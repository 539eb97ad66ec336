#include "search/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace kbench {
namespace {

// What an answer still counts after the next one.
constexpr double kMemory = 0.9;
// No model is punished as if it knew better than this, nor more than this for one answer.
constexpr double kLeastVariance = 1e-3, kWorstSurprise = 20;

}  // namespace

double expected_improvement(const Prediction& prediction, double best) {
  const double deviation = std::sqrt(prediction.variance);
  const double z = (best - prediction.mean) / deviation;
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  const double share = std::erfc(-z / std::numbers::sqrt2) / 2;
  return deviation * (z * share + density);
}

Ensemble::Ensemble(std::vector<std::unique_ptr<Surrogate>> models)
    : models_(std::move(models)), log_evidence_(models_.size(), 0) {}

void Ensemble::fit(const Training& training) {
  for (auto& model : models_) model->fit(training);
}

std::vector<double> Ensemble::weights() const {
  const double most = *std::max_element(log_evidence_.begin(), log_evidence_.end());
  std::vector<double> weights;
  for (const double evidence : log_evidence_) weights.push_back(std::exp(evidence - most));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
  return weights;
}

std::vector<double> Ensemble::improvement(const std::vector<Configuration>& candidates,
                                          double best) const {
  const std::vector<double> weight = weights();
  std::vector<double> improvement(candidates.size(), 0);
  for (size_t m = 0; m < models_.size(); ++m) {
    const std::vector<Prediction> predictions = models_[m]->predict(candidates);
    for (size_t i = 0; i < candidates.size(); ++i) {
      improvement[i] += weight[m] * expected_improvement(predictions[i], best);
    }
  }
  return improvement;
}

void Ensemble::foretell(const Configuration& configuration) {
  Foretold foretold{configuration, {}};
  for (const auto& model : models_) {
    foretold.predictions.push_back(model->predict({configuration}).front());
  }
  open_.push_back(std::move(foretold));
}

void Ensemble::learn(const Configuration& configuration, double target) {
  const auto foretold = std::find_if(open_.begin(), open_.end(), [&](const Foretold& each) {
    return each.configuration == configuration;
  });
  if (foretold == open_.end()) return;
  for (size_t m = 0; m < models_.size(); ++m) {
    const double variance = foretold->predictions[m].variance + kLeastVariance;
    const double error = target - foretold->predictions[m].mean;
    const double surprise = std::min(error * error / variance, kWorstSurprise);
    log_evidence_[m] = kMemory * log_evidence_[m] - (std::log(variance) + surprise) / 2;
  }
  open_.erase(foretold);
}

}  // namespace kbench
