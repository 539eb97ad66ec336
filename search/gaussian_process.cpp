#include "search/gaussian_process.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "search/features.hpp"

namespace kbench {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;
using Eigen::VectorXf;

// Length scales are fitted on the newest points; more cost time and change them little.
constexpr Index kFitPoints = 96;
// While there are few points every one matters, and a fit takes more steps; and a value that was
// not tried yet is best foretold by those next to it, so that nominal features wait.
constexpr Index kFewPoints = 40;
constexpr int kEarlySteps = 4;

// Log-normal priors. Of a length scale, for features in [0, 1]: the more features, the less each
// should matter until the data say that it does (Hvarfner, Hellsten and Nardi 2024). Little noise.
constexpr float kScaleMean = std::numbers::sqrt2_v<float>,
                kScaleSpread = std::numbers::sqrt3_v<float>;
// Of a nominal one, in the same unit.
constexpr float kNominalMean = -1;
constexpr float kShortest = -3.5f, kLongest = 7;
constexpr float kNoiseMean = -6, kNoiseSpread = 2, kLeastNoise = -9, kMostNoise = 0;
// Of the signal's variance; in single precision less leaves factors that are not definite.
constexpr float kLeastVariance = 1e-5f;

// Matern-5/2 of squared distances, in place.
void to_kernel(MatrixXf& squared) {
  auto distance = squared.array();
  distance = (5 * distance).sqrt();
  distance = (1 + distance + distance.square() / 3) * (-distance).exp();
}

// Factor of kernel + noise. More noise is added until rounding leaves it definite.
Eigen::LLT<MatrixXf> factorise(MatrixXf kernel, float noise) {
  kernel.diagonal().array() += noise;
  Eigen::LLT<MatrixXf> factor(kernel);
  for (float extra = 1e-4f; factor.info() != Eigen::Success; extra *= 10) {
    kernel.diagonal().array() += extra;
    factor.compute(kernel);
  }
  return factor;
}

// One resilient step (Riedmiller and Braun 1993): only the gradient's sign counts; where it keeps
// its sign steps grow, where it changes they shrink.
struct Climber {
  float value, mean, spread, low, high;
  float step = 0.2f, sign = 0;

  void climb(float gradient) {
    gradient -= (value - mean) / (spread * spread);
    const float now = gradient > 0 ? 1.0f : -1.0f;
    step = std::clamp(step * (now == sign ? 1.3f : 0.5f), 0.01f, 0.6f);
    sign = now;
    value = std::clamp(value + sign * step, low, high);
  }
};

}  // namespace

struct GaussianProcess::State {
  // A feature as the kernel sees it, a column of points.
  struct Column {
    size_t feature;
    bool nominal;
    float steps;  // from the least code to the largest
    Climber log_scale;

    float scale() const { return std::exp(-log_scale.value); }
    float step() const { return scale() / steps; }
    // Codes of a nominal one are never further apart than one step.
    float most_squared() const { return nominal ? step() * step() : INFINITY; }
  };

  explicit State(const Space& space) : features(space) {
    const float expected =
        kScaleMean + std::log(static_cast<float>(std::max<size_t>(features.count(), 1))) / 2;
    for (size_t f = 0; f < features.count(); ++f) add(f, false, expected);
    used = features.count();
    for (size_t f = 0; f < features.count(); ++f) {
      if (features.is_place(f) && features.codes(f) > 2) add(f, true, kNominalMean);
    }
  }
  void add(size_t feature, bool nominal, float expected) {
    const float steps = nominal ? 1.0f : static_cast<float>(features.codes(feature) - 1);
    columns.push_back(
        {feature, nominal, steps, {expected, expected, kScaleSpread, kShortest, kLongest}});
  }

  Features features;
  std::vector<Column> columns;  // the nominal ones last
  size_t used = 0;              // the first so many count
  Climber log_noise{-5, kNoiseMean, kNoiseSpread, kLeastNoise, kMostNoise};

  MatrixXf points;  // scaled, one row a configuration
  Eigen::LLT<MatrixXf> factor;
  VectorXf whitened;  // factor^-1 (targets - mean)
  float mean = 0, signal = 1;

  MatrixXf scaled(const std::vector<Configuration>& configurations) const {
    const std::vector<uint16_t> codes = features.codes_of(configurations);
    MatrixXf rows(configurations.size(), used);
    for (size_t c = 0; c < used; ++c) {
      const float step = columns[c].step();
      const uint16_t* code = &codes[columns[c].feature];
      for (size_t i = 0; i < configurations.size(); ++i) {
        rows(static_cast<Index>(i), static_cast<Index>(c)) =
            step * static_cast<float>(code[i * features.count()]);
      }
    }
    return rows;
  }
  // Of every point of `a` (rows) to every point of `b`, both scaled.
  MatrixXf squared_distances(const MatrixXf& a, const MatrixXf& b) const {
    MatrixXf squared = MatrixXf::Zero(a.rows(), b.rows());
    for (Index c = 0; c < a.cols(); ++c) {
      const float most = columns[static_cast<size_t>(c)].most_squared();
      for (Index j = 0; j < b.rows(); ++j) {
        squared.col(j).array() += (a.col(c).array() - b(j, c)).square().min(most);
      }
    }
    return squared;
  }
  void climb(const MatrixXf& at, const VectorXf& centred);
};

// One step up the log posterior. The signal's variance is the best one for the other
// hyperparameters, in closed form.
void GaussianProcess::State::climb(const MatrixXf& at, const VectorXf& centred) {
  const auto count = static_cast<float>(at.rows());
  const float noise = std::exp(log_noise.value);
  const MatrixXf squared = squared_distances(at, at);
  MatrixXf kernel = squared;
  to_kernel(kernel);
  const auto fitted = factorise(std::move(kernel), noise + kLeastVariance);
  const VectorXf weights = fitted.solve(centred);
  const float variance = std::max(weights.dot(centred) / count, 1e-9f);
  // Derivative of the log likelihood by each entry of the kernel, twice.
  const MatrixXf misfit = weights * weights.transpose() / variance -
                          fitted.solve(MatrixXf::Identity(at.rows(), at.rows()));
  const MatrixXf root = (5 * squared.array()).sqrt();
  const MatrixXf slope = misfit.array() * (5.0f / 3) * (1 + root.array()) * (-root.array()).exp();
  log_noise.climb(0.5f * noise * misfit.trace());
  for (size_t c = 0; c < used; ++c) {
    const auto column = at.col(static_cast<Index>(c)).array();
    const float most = columns[c].most_squared();
    float gradient = 0;
    for (Index j = 0; j < at.rows(); ++j) {
      gradient += (slope.col(j).array() * (column - column(j)).square().min(most)).sum();
    }
    columns[c].log_scale.climb(gradient / 2);
  }
}

GaussianProcess::GaussianProcess(const Space& space) : state_(std::make_unique<State>(space)) {}

GaussianProcess::~GaussianProcess() = default;

void GaussianProcess::fit(const Training& training) {
  State& state = *state_;
  VectorXf centred = Eigen::Map<const Eigen::VectorXd>(training.targets.data(),
                                                       static_cast<Index>(training.targets.size()))
                         .cast<float>();
  state.mean = centred.mean();
  centred.array() -= state.mean;
  const Index count = centred.size(), newest = std::min(count, kFitPoints);
  state.used = count < kFewPoints ? state.features.count() : state.columns.size();
  const std::vector<Configuration> recent(training.configurations.end() - newest,
                                          training.configurations.end());
  for (int step = count < kFewPoints ? kEarlySteps : 1; step > 0; --step) {
    state.climb(state.scaled(recent), centred.tail(newest));
  }
  state.points = state.scaled(training.configurations);
  MatrixXf kernel = state.squared_distances(state.points, state.points);
  to_kernel(kernel);
  state.factor = factorise(std::move(kernel), std::exp(state.log_noise.value) + kLeastVariance);
  state.whitened = state.factor.matrixL().solve(centred);
  state.signal = std::max(state.whitened.squaredNorm() / static_cast<float>(count), kLeastVariance);
}

std::vector<Prediction> GaussianProcess::predict(
    const std::vector<Configuration>& candidates) const {
  MatrixXf rows = state_->squared_distances(state_->points, state_->scaled(candidates));
  to_kernel(rows);
  state_->factor.matrixL().solveInPlace(rows);
  std::vector<Prediction> predictions;
  for (Index c = 0; c < rows.cols(); ++c) {
    const float explained = rows.col(c).squaredNorm();
    predictions.push_back({state_->mean + rows.col(c).dot(state_->whitened),
                           state_->signal * std::max(1 - explained, kLeastVariance)});
  }
  return predictions;
}

}  // namespace kbench
