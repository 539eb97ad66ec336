#include "search/gaussian_process.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "search/features.hpp"

namespace kbench {
namespace {

using Eigen::ArrayXf;
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
// Of two values order says all there is; of so many each is seen too rarely to be known by itself.
constexpr size_t kLeastNominal = 3, kMostNominal = 12;
constexpr float kShortest = -3.5f, kLongest = 7;
// Little noise.
constexpr float kNoiseMean = -6, kNoiseSpread = 2, kLeastNoise = -9, kMostNoise = 0;
// Of the kernel, the smooth part.
constexpr float kSmooth = 0.7f;
// A prediction's variance is taken so many times: that of hyperparameters known for certain, which
// they are not, is too small.
constexpr float kCaution = 2.25f;
// Of the signal's variance; in single precision less leaves factors that are not definite.
constexpr float kLeastVariance = 1e-5f;

// Points, and one of them, without copies.
using Rows = Eigen::Ref<const MatrixXf, 0, Eigen::OuterStride<>>;
using Row = Eigen::Ref<const Eigen::RowVectorXf, 0, Eigen::InnerStride<>>;

// Of some points to one, summed over the columns.
struct Distances {
  ArrayXf squared, absolute;
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
      const size_t codes = features.codes(f);
      if (!features.is_place(f) || codes < kLeastNominal || codes > kMostNominal) continue;
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
  // How far each of `rows` is from `point` in a column; all are scaled.
  void measure(ArrayXf& along, const Rows& rows, const Row& point, Index column) const {
    along = (rows.col(column).array() - point(column))
                .abs()
                .min(columns[static_cast<size_t>(column)].most());
  }
  Distances distances(const Rows& rows, const Row& point) const {
    Distances sums{ArrayXf::Zero(rows.rows()), ArrayXf::Zero(rows.rows())};
    ArrayXf along(rows.rows());  // allocated once: distances are a quarter of an ask
    for (Index column = 0; column < rows.cols(); ++column) {
      measure(along, rows, point, column);
      sums.squared += along.square();
      sums.absolute += along;
    }
    return sums;
  }
  // Matern-5/2, and a part that is the exponential of the distance along the features: rough, as
  // times are, since what one value does says less about those beside it. With all features apart
  // that distance is longer by the root of their number, whence `reach`.
  ArrayXf kernel(const Distances& of) const {
    const ArrayXf root = (5 * of.squared).sqrt();
    return kSmooth * (1 + root + root.square() / 3) * (-root).exp() +
           (1 - kSmooth) * (-reach * of.absolute).exp();
  }
  // Of every point (a row) to every other: the lower triangle, all that a factor is made of.
  MatrixXf kernel_within(const MatrixXf& at) const {
    MatrixXf lower(at.rows(), at.rows());
    for (Index j = 0; j < at.rows(); ++j) {
      const Index below = at.rows() - j;
      lower.col(j).tail(below) = kernel(distances(at.bottomRows(below), at.row(j)));
    }
    return lower;
  }
  MatrixXf kernel_between(const MatrixXf& a, const MatrixXf& b) const {
    MatrixXf all(a.rows(), b.rows());
    for (Index j = 0; j < b.rows(); ++j) all.col(j) = kernel(distances(a, b.row(j)));
    return all;
  }
  void climb(const MatrixXf& at, const VectorXf& centred);
};

// One step up the log posterior. The signal's variance is the best one for the other
// hyperparameters, in closed form.
void GaussianProcess::State::climb(const MatrixXf& at, const VectorXf& centred) {
  const auto count = static_cast<float>(at.rows());
  const float noise = std::exp(log_noise.value);
  const auto fitted = factorise(kernel_within(at), noise + kLeastVariance);
  const VectorXf weights = fitted.solve(centred);
  const float variance = std::max(weights.dot(centred) / count, 1e-9f);
  // Derivative of the log likelihood by each entry of the kernel, twice.
  const MatrixXf misfit = weights * weights.transpose() / variance -
                          fitted.solve(MatrixXf::Identity(at.rows(), at.rows()));
  log_noise.climb(0.5f * noise * misfit.trace());
  // By each log scale, over the pairs of different points: on the diagonal it is 0.
  ArrayXf gradient = ArrayXf::Zero(at.cols()), along;
  for (Index j = 0; j < at.rows(); ++j) {
    const auto rows = at.bottomRows(at.rows() - j);
    const auto by_kernel = misfit.col(j).tail(rows.rows()).array();
    const Distances between = distances(rows, at.row(j));
    const ArrayXf root = (5 * between.squared).sqrt();
    const ArrayXf smooth = by_kernel * (kSmooth * 5 / 3) * (1 + root) * (-root).exp();
    const ArrayXf rough = by_kernel * ((1 - kSmooth) * reach) * (-reach * between.absolute).exp();
    for (Index c = 0; c < at.cols(); ++c) {
      measure(along, rows, at.row(j), c);
      gradient(c) += (along * (smooth * along + rough)).sum();
    }
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    columns[c].log_scale.climb(gradient(static_cast<Index>(c)));
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
  state.factor = factorise(state.kernel_within(state.points),
                           std::exp(state.log_noise.value) + kLeastVariance);
  state.whitened = state.factor.matrixL().solve(centred);
  state.signal = std::max(state.whitened.squaredNorm() / static_cast<float>(count), kLeastVariance);
}

std::vector<Prediction> GaussianProcess::predict(
    const std::vector<Configuration>& candidates) const {
  MatrixXf rows = state_->kernel_between(state_->points, state_->scaled(candidates));
  state_->factor.matrixL().solveInPlace(rows);
  std::vector<Prediction> predictions;
  for (Index c = 0; c < rows.cols(); ++c) {
    const float explained = rows.col(c).squaredNorm();
    predictions.push_back({state_->mean + rows.col(c).dot(state_->whitened),
                           kCaution * state_->signal * std::max(1 - explained, kLeastVariance)});
  }
  return predictions;
}

}  // namespace kbench
