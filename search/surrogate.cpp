#include "search/surrogate.hpp"

#include <cmath>
#include <numbers>

namespace kbench {

double expected_improvement(const Prediction& prediction, double best) {
  const double deviation = std::sqrt(prediction.variance);
  const double z = (best - prediction.mean) / deviation;
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  const double share = std::erfc(-z / std::numbers::sqrt2) / 2;
  return deviation * (z * share + density);
}

}  // namespace kbench
