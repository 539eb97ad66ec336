#include "search/mixture.hpp"

namespace kbench {

void Mixture::fit(const Training& training) {
  for (const auto& model : models_) model->fit(training);
}

std::vector<Prediction> Mixture::predict(const std::vector<Configuration>& candidates) const {
  const double weight = 1 / static_cast<double>(models_.size());
  std::vector<Prediction> mixed(candidates.size());
  for (const auto& model : models_) {
    const std::vector<Prediction> predictions = model->predict(candidates);
    for (size_t i = 0; i < mixed.size(); ++i) {
      const auto& [mean, variance] = predictions[i];
      mixed[i].mean += weight * mean;
      mixed[i].variance += weight * (variance + mean * mean);  // the second moment for now
    }
  }
  constexpr double kLeast = 1e-9;  // what rounding may have taken
  for (auto& [mean, variance] : mixed) variance = std::max(variance - mean * mean, kLeast);
  return mixed;
}

}  // namespace kbench
