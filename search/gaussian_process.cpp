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
// should matter until the data say that it does (Hvarfner, Hellsten and Nardi 2024).
constexpr float kScaleMean = std::numbers::sqrt2_v<float>,
                kScaleSpread = std::numbers::sqrt3_v<float>;
// The same once there are more points, of ordered features and nominal ones: about what fits to
// hundreds of configurations of a space end with.
constexpr float kLaterMean = 0.5f, kLaterSpread = 1;
constexpr float kNominalMean = 1.5f, kNominalSpread = 0.7f;
constexpr float kShortest = -3.5f, kLongest = 7;
// Little noise.
constexpr float kNoiseMean = -6, kNoiseSpread = 2, kLeastNoise = -9, kMostNoise = 0;
// Of the signal's variance; in single precision less leaves factors that are not definite.
constexpr float kLeastVariance = 1e-5f;

// Of every point to every other, summed over the columns.
struct Distances {
  MatrixXf squared, absolute;
};

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
    float most() const { return nominal ? step() : INFINITY; }
  };

  explicit State(const Space& space)
      : features(space),
        reach(1 / std::sqrt(static_cast<float>(std::max<size_t>(features.count(), 1)))) {
    const float expected = kScaleMean - std::log(reach);
    for (size_t f = 0; f < features.count(); ++f) {
      add(f, false, scale_about(expected, kScaleSpread));
    }
  }
  void add(size_t feature, bool nominal, const Climber& log_scale) {
    const float steps = nominal ? 1.0f : static_cast<float>(features.codes(feature) - 1);
    columns.push_back({feature, nominal, steps, log_scale});
  }
  // With more points scales are thought to be shorter, and params to be nominal as well.
  void settle() {
    settled = true;
    for (Column& column : columns) column.log_scale = scale_about(kLaterMean, kLaterSpread);
    for (size_t f = 0; f < features.count(); ++f) {
      if (!features.is_place(f) || features.codes(f) <= 2) continue;
      add(f, true, scale_about(kNominalMean, kNominalSpread));
    }
  }
  static Climber scale_about(float mean, float spread) {
    return {mean, mean, spread, kShortest, kLongest};
  }

  Features features;
  float reach;  // of the rough part: a distance of 1 counts as so much
  std::vector<Column> columns;
  bool settled = false;
  Climber log_noise{-5, kNoiseMean, kNoiseSpread, kLeastNoise, kMostNoise};

  MatrixXf points;  // scaled, one row a configuration
  Eigen::LLT<MatrixXf> factor;
  VectorXf whitened;  // factor^-1 (targets - mean)
  float mean = 0, signal = 1;

  MatrixXf scaled(const std::vector<Configuration>& configurations) const {
    const std::vector<uint16_t> codes = features.codes_of(configurations);
    MatrixXf rows(configurations.size(), columns.size());
    for (size_t c = 0; c < columns.size(); ++c) {
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
  Distances distances(const MatrixXf& a, const MatrixXf& b) const {
    Distances sums;
    sums.squared = sums.absolute = MatrixXf::Zero(a.rows(), b.rows());
    for (size_t c = 0; c < columns.size(); ++c) {
      const auto column = static_cast<Index>(c);
      const float most = columns[c].most();
      for (Index j = 0; j < b.rows(); ++j) {
        const Eigen::ArrayXf apart = (a.col(column).array() - b(j, column)).abs().min(most);
        sums.squared.col(j).array() += apart.square();
        sums.absolute.col(j).array() += apart;
      }
    }
    return sums;
  }
  // The mean of Matern-5/2 and of the exponential of the distance along the features, which is
  // rough, as times are: what one value does says less about those beside it. With all features
  // apart that distance is longer by the root of their number, whence `reach`.
  MatrixXf kernel(const Distances& of) const {
    const Eigen::ArrayXXf smooth = (5 * of.squared.array()).sqrt();
    return ((1 + smooth + smooth.square() / 3) * (-smooth).exp() +
            (-reach * of.absolute.array()).exp()) /
           2;
  }
  void climb(const MatrixXf& at, const VectorXf& centred);
};

// One step up the log posterior. The signal's variance is the best one for the other
// hyperparameters, in closed form.
void GaussianProcess::State::climb(const MatrixXf& at, const VectorXf& centred) {
  const auto count = static_cast<float>(at.rows());
  const float noise = std::exp(log_noise.value);
  const Distances between = distances(at, at);
  const auto fitted = factorise(kernel(between), noise + kLeastVariance);
  const VectorXf weights = fitted.solve(centred);
  const float variance = std::max(weights.dot(centred) / count, 1e-9f);
  // Derivative of the log likelihood by each entry of the kernel, twice.
  const MatrixXf misfit = weights * weights.transpose() / variance -
                          fitted.solve(MatrixXf::Identity(at.rows(), at.rows()));
  const Eigen::ArrayXXf root = (5 * between.squared.array()).sqrt();
  const MatrixXf smooth = misfit.array() * (5.0f / 6) * (1 + root) * (-root).exp();
  const MatrixXf rough = misfit.array() * (reach / 2) * (-reach * between.absolute.array()).exp();
  log_noise.climb(0.5f * noise * misfit.trace());
  for (size_t c = 0; c < columns.size(); ++c) {
    const auto column = at.col(static_cast<Index>(c)).array();
    const float most = columns[c].most();
    float gradient = 0;
    for (Index j = 0; j < at.rows(); ++j) {
      const Eigen::ArrayXf apart = (column - column(j)).abs().min(most);
      gradient += (apart * (smooth.col(j).array() * apart + rough.col(j).array())).sum();
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
  if (count >= kFewPoints && !state.settled) state.settle();
  const std::vector<Configuration> recent(training.configurations.end() - newest,
                                          training.configurations.end());
  for (int step = count < kFewPoints ? kEarlySteps : 1; step > 0; --step) {
    state.climb(state.scaled(recent), centred.tail(newest));
  }
  state.points = state.scaled(training.configurations);
  state.factor = factorise(state.kernel(state.distances(state.points, state.points)),
                           std::exp(state.log_noise.value) + kLeastVariance);
  state.whitened = state.factor.matrixL().solve(centred);
  state.signal = std::max(state.whitened.squaredNorm() / static_cast<float>(count), kLeastVariance);
}

std::vector<Prediction> GaussianProcess::predict(
    const std::vector<Configuration>& candidates) const {
  MatrixXf rows = state_->kernel(state_->distances(state_->points, state_->scaled(candidates)));
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
