#include "search/gaussian_process.hpp"

#include <algorithm>
#include <numeric>

#include "search/cholesky.hpp"

namespace kbench {
namespace {

// Hyperparameters are fitted on the newest points; more cost time and change them little.
constexpr size_t kFitPoints = 96;
// Right-hand sides solved together: two rows of them and the factor's column stay in the L1 cache.
constexpr size_t kWidth = 64;
constexpr double kFloor = 1e-6;

// Log-normal priors: a length scale of about half the range, little noise.
constexpr double kScaleMean = -0.5, kScaleSpread = 1.2;
constexpr double kNoiseMean = -6, kNoiseSpread = 2;
constexpr double kSmallest = -3.5, kLargest = 3, kNoiseSmallest = -12, kNoiseLargest = 0;

// Matern-5/2 of a squared distance.
float matern(float squared) {
  const float distance = std::sqrt(5 * squared);
  return (1 + distance + distance * distance / 3) * std::exp(-distance);
}

}  // namespace

GaussianProcess::GaussianProcess(const Space& space) {
  for (size_t p = 0; p < space.params().size(); ++p) {
    const size_t values = space.params()[p].values.size();
    if (values < 2) continue;
    params_.push_back(p);
    spacing_.push_back(1.0 / static_cast<double>(values - 1));
  }
  log_scales_.assign(params_.size(), kScaleMean);
  steps_.assign(params_.size() + 1, 0.2);
  signs_.assign(params_.size() + 1, 0);
}

GaussianProcess::Points GaussianProcess::points_of(const std::vector<Configuration>& configurations,
                                                   size_t first, size_t count) const {
  Points points{count, {}};
  for (size_t p = 0; p < params_.size(); ++p) {
    const auto scale = static_cast<float>(spacing_[p] * std::exp(-log_scales_[p]));
    std::vector<float> row(count);
    for (size_t i = 0; i < count; ++i) {
      row[i] = scale * static_cast<float>(configurations[first + i][params_[p]]);
    }
    points.rows.push_back(std::move(row));
  }
  return points;
}

void GaussianProcess::distances(const Points& a, size_t i, const Points& b, float* squared) const {
  std::fill(squared, squared + b.count, 0.0f);
  for (size_t p = 0; p < params_.size(); ++p) {
    const float from = a.rows[p][i];
    const float* to = b.rows[p].data();
    for (size_t j = 0; j < b.count; ++j) squared[j] += (from - to[j]) * (from - to[j]);
  }
}

void GaussianProcess::fit(const Training& training) {
  const size_t n = training.targets.size();
  mean_ = std::accumulate(training.targets.begin(), training.targets.end(), 0.0) /
          static_cast<double>(n);
  for (int step = n < 40 ? 4 : 1; step > 0; --step) climb(training);

  points_ = points_of(training.configurations, 0, n);
  factor_.resize(n * n);
  const auto noise = static_cast<float>(std::exp(log_noise_));
  for (size_t i = 0; i < n; ++i) {
    distances(points_, i, points_, &factor_[i * n]);
    for (size_t j = i; j < n; ++j) factor_[i * n + j] = matern(factor_[i * n + j]);
    factor_[i * n + i] += noise + static_cast<float>(kFloor);
  }
  cholesky(factor_, n, static_cast<float>(kFloor));
  whitened_.resize(n);
  for (size_t i = 0; i < n; ++i) whitened_[i] = static_cast<float>(training.targets[i] - mean_);
  solve_lower(factor_, n, whitened_.data(), 1);
  signal_ = 1e-6;
  for (float value : whitened_) signal_ += static_cast<double>(value) * value;
  signal_ /= static_cast<double>(n);
}

// One resilient step (Riedmiller and Braun 1993) up the log posterior: only the gradient's signs
// count. The signal's variance is the best one for the other hyperparameters, in closed form.
void GaussianProcess::climb(const Training& training) {
  const size_t n = std::min(training.targets.size(), kFitPoints);
  const size_t first = training.targets.size() - n;
  const Points points = points_of(training.configurations, first, n);
  std::vector<float> factor(n * n), inverse(n * n, 0), distance(n * n);
  const double noise = std::exp(log_noise_);
  for (size_t i = 0; i < n; ++i) {
    distances(points, i, points, &distance[i * n]);
    for (size_t j = i; j < n; ++j) factor[i * n + j] = matern(distance[i * n + j]);
    factor[i * n + i] += static_cast<float>(noise + kFloor);
    inverse[i * n + i] = 1;
  }
  cholesky(factor, n, static_cast<float>(kFloor));
  solve_lower(factor, n, inverse.data(), n);  // row k: L^-1's row k
  std::vector<double> whitened(n, 0), weights(n, 0);
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = 0; i <= k; ++i) {
      whitened[k] += inverse[k * n + i] * (training.targets[first + i] - mean_);
    }
  }
  double signal = 1e-9;
  for (size_t k = 0; k < n; ++k) {
    signal += whitened[k] * whitened[k] / static_cast<double>(n);
    for (size_t i = 0; i <= k; ++i) weights[i] += inverse[k * n + i] * whitened[k];
  }
  // (K^-1 - weights weights' / signal), lower half, column by column.
  std::vector<float> residual(n * n, 0);
  for (size_t k = 0; k < n; ++k) {
    const float* row = &inverse[k * n];
    for (size_t j = 0; j <= k; ++j) {
      const float scale = row[j];
      float* column = &residual[j * n];
      for (size_t i = j; i <= k; ++i) column[i] += scale * row[i];
    }
  }
  std::vector<double> gradient(params_.size() + 1, 0);
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = j; i < n; ++i) {
      const double misfit = weights[i] * weights[j] / signal - residual[j * n + i];
      if (i == j) {
        gradient.back() += 0.5 * misfit * noise;
        continue;
      }
      const float root = std::sqrt(5 * distance[j * n + i]);
      const double slope = misfit * 5.0 / 3 * (1 + root) * std::exp(-root);
      for (size_t p = 0; p < params_.size(); ++p) {
        const double apart = points.rows[p][i] - points.rows[p][j];
        gradient[p] += slope * apart * apart;
      }
    }
  }
  auto step = [&](size_t h, double& value, double mean, double spread, double low, double high) {
    gradient[h] -= (value - mean) / (spread * spread);
    const double sign = gradient[h] > 0 ? 1 : -1;
    steps_[h] = std::clamp(steps_[h] * (sign == signs_[h] ? 1.3 : 0.5), 0.01, 0.6);
    signs_[h] = sign;
    value = std::clamp(value + sign * steps_[h], low, high);
  };
  for (size_t p = 0; p < params_.size(); ++p) {
    step(p, log_scales_[p], kScaleMean, kScaleSpread, kSmallest, kLargest);
  }
  step(params_.size(), log_noise_, kNoiseMean, kNoiseSpread, kNoiseSmallest, kNoiseLargest);
}

std::vector<Prediction> GaussianProcess::predict(
    const std::vector<Configuration>& candidates) const {
  const size_t n = points_.count;
  std::vector<Prediction> predictions(candidates.size());
  std::vector<float> rows(n * kWidth);
  for (size_t first = 0; first < candidates.size(); first += kWidth) {
    const size_t width = std::min(kWidth, candidates.size() - first);
    const Points block = points_of(candidates, first, width);
    for (size_t i = 0; i < n; ++i) {
      float* row = &rows[i * width];
      distances(points_, i, block, row);
      for (size_t c = 0; c < width; ++c) row[c] = matern(row[c]);
    }
    solve_lower(factor_, n, rows.data(), width);
    for (size_t c = 0; c < width; ++c) {
      double mean = 0, explained = 0;
      for (size_t i = 0; i < n; ++i) {
        const double value = rows[i * width + c];
        mean += value * whitened_[i];
        explained += value * value;
      }
      predictions[first + c] = {mean_ + mean, signal_ * std::max(1 - explained, 1e-9)};
    }
  }
  return predictions;
}

}  // namespace kbench
