#include "search/gaussian_process.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "search/cholesky.hpp"

namespace kbench {
namespace {

// Hyperparameters are fitted on the newest points; more cost time and change them little.
constexpr size_t kFitPoints = 96;
constexpr double kFloor = 1e-6;

// Log-normal priors: a length scale of about half the range, little noise.
constexpr double kScaleMean = -0.5, kScaleSpread = 1.2;
constexpr double kNoiseMean = -6, kNoiseSpread = 2;
constexpr double kSmallest = -3.5, kLargest = 3, kNoiseSmallest = -12, kNoiseLargest = 0;

// Right-hand sides are solved together, as many as fit in vector registers.
using Lanes __attribute__((vector_size(16))) = float;
constexpr size_t kLanes = 8, kWidth = kLanes * sizeof(Lanes) / sizeof(float);
struct Strip {
  std::array<Lanes, kLanes> lanes;
  float& operator[](size_t c) { return reinterpret_cast<float*>(this)[c]; }
};

// rows := L^-1 rows, with L row by row. Sums stay in registers: one load a multiplication.
void solve_strips(const std::vector<float>& factor_rows, std::vector<Strip>& rows) {
  const size_t n = rows.size();
  for (size_t i = 0; i < n; ++i) {
    const float* factor = &factor_rows[i * n];
    auto sums = rows[i].lanes;
    for (size_t k = 0; k < i; ++k) {
      const Lanes scale = Lanes{} + factor[k];
      const auto& above = rows[k].lanes;
      for (size_t l = 0; l < kLanes; ++l) sums[l] -= scale * above[l];
    }
    const Lanes inverse = Lanes{} + 1 / factor[i];
    for (size_t l = 0; l < kLanes; ++l) rows[i].lanes[l] = sums[l] * inverse;
  }
}

// e^-x for x >= 0 to 4 digits: the power of two goes into the exponent, a polynomial is the rest. Unlike
// the library's it vectorises, and the kernel of all candidates is most of a prediction's time.
float exp_negative(float x) {
  const float power = std::max(x * -1.44269504f, -125.0f);
  const int whole = static_cast<int>(power);
  const float rest = power - static_cast<float>(whole);
  const float polynomial =
      1 + rest * (0.693147f + rest * (0.240227f + rest * (0.0555041f + rest * 0.0096181f)));
  return std::bit_cast<float>((whole + 127) << 23) * polynomial;
}

// Matern-5/2 of a squared distance.
float matern(float squared) {
  const float distance = std::sqrt(5 * squared);
  return (1 + distance + distance * distance / 3) * exp_negative(distance);
}

}  // namespace

GaussianProcess::GaussianProcess(const Space& space) : features_(space) {
  log_scales_.assign(features_.count(), kScaleMean);
  steps_.assign(features_.count() + 1, 0.2);
  signs_.assign(features_.count() + 1, 0);
}

GaussianProcess::Points GaussianProcess::points_of(const std::vector<Configuration>& configurations,
                                                   size_t first, size_t count) const {
  Points points{count, {}};
  for (size_t f = 0; f < features_.count(); ++f) {
    const double spacing = 1.0 / static_cast<double>(features_.codes(f) - 1);
    const auto scale = static_cast<float>(spacing * std::exp(-log_scales_[f]));
    std::vector<float> row(count);
    for (size_t i = 0; i < count; ++i) row[i] = scale * features_.code(f, configurations[first + i]);
    points.rows.push_back(std::move(row));
  }
  return points;
}

void GaussianProcess::distances(const Points& a, size_t i, const Points& b, float* squared) const {
  std::fill(squared, squared + b.count, 0.0f);
  for (size_t f = 0; f < features_.count(); ++f) {
    const float from = a.rows[f][i];
    const float* to = b.rows[f].data();
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
  factor_rows_.resize(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k <= i; ++k) factor_rows_[i * n + k] = factor_[k * n + i];
  }
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
  std::vector<double> gradient(features_.count() + 1, 0);
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = j; i < n; ++i) {
      const double misfit = weights[i] * weights[j] / signal - residual[j * n + i];
      if (i == j) {
        gradient.back() += 0.5 * misfit * noise;
        continue;
      }
      const float root = std::sqrt(5 * distance[j * n + i]);
      const double slope = misfit * 5.0 / 3 * (1 + root) * exp_negative(root);
      for (size_t f = 0; f < features_.count(); ++f) {
        const double apart = points.rows[f][i] - points.rows[f][j];
        gradient[f] += slope * apart * apart;
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
  for (size_t f = 0; f < features_.count(); ++f) {
    step(f, log_scales_[f], kScaleMean, kScaleSpread, kSmallest, kLargest);
  }
  step(features_.count(), log_noise_, kNoiseMean, kNoiseSpread, kNoiseSmallest, kNoiseLargest);
}

std::vector<Prediction> GaussianProcess::predict(
    const std::vector<Configuration>& candidates) const {
  const size_t n = points_.count;
  std::vector<Prediction> predictions(candidates.size());
  std::vector<Strip> rows(n);
  for (size_t first = 0; first < candidates.size(); first += kWidth) {
    const size_t width = std::min(kWidth, candidates.size() - first);
    const Points block = points_of(candidates, first, width);
    for (size_t i = 0; i < n; ++i) {
      float* row = &rows[i][0];
      distances(points_, i, block, row);
      for (size_t c = 0; c < width; ++c) row[c] = matern(row[c]);
      for (size_t c = width; c < kWidth; ++c) row[c] = 0;
    }
    solve_strips(factor_rows_, rows);
    Strip mean{}, explained{};
    for (size_t i = 0; i < n; ++i) {
      for (size_t l = 0; l < kLanes; ++l) {
        mean.lanes[l] += rows[i].lanes[l] * whitened_[i];
        explained.lanes[l] += rows[i].lanes[l] * rows[i].lanes[l];
      }
    }
    for (size_t c = 0; c < width; ++c) {
      const double left = 1 - static_cast<double>(explained[c]);
      predictions[first + c] = {mean_ + mean[c], signal_ * std::max(left, 1e-6)};
    }
  }
  return predictions;
}

}  // namespace kbench
