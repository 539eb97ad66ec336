#include "search/cost_model.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/memory.hpp"

namespace kbench {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

PredictionScore compare(const std::vector<Prediction>& foretold,
                        const std::vector<double>& log_ms) {
  const auto count = static_cast<double>(log_ms.size());
  const double mean = std::accumulate(log_ms.begin(), log_ms.end(), 0.0) / count;
  double missed = 0, spread = 0;
  std::vector<double> errors;
  for (size_t i = 0; i < log_ms.size(); ++i) {
    missed += std::pow(foretold[i].mean - log_ms[i], 2);
    spread += std::pow(log_ms[i] - mean, 2);
    errors.push_back(std::abs(std::exp(foretold[i].mean - log_ms[i]) - 1));
  }
  std::vector<size_t> order(log_ms.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return foretold[a].mean < foretold[b].mean; });
  double found = log_ms[order[0]];
  for (size_t i = 0; i < (order.size() + 99) / 100; ++i) found = std::min(found, log_ms[order[i]]);
  PredictionScore score;
  score.held_out = static_cast<int64_t>(log_ms.size());
  score.r2 = spread > 0 ? 1 - missed / spread : 0;
  score.median_error = median(errors);
  score.best_in_top = std::exp(found - *std::min_element(log_ms.begin(), log_ms.end()));
  return score;
}

}  // namespace

CostModel::CostModel(const RecordedSpace& recorded, const std::vector<size_t>& rows, uint64_t seed)
    : forest_(recorded.space, seed) {
  Training training;
  for (const size_t row : rows) {
    if (recorded.rows[row].status != RecordedStatus::ok) continue;
    training.configurations.push_back(recorded.space.at(row));
    training.targets.push_back(std::log(recorded.rows[row].time_ms));
  }
  forest_.fit(training);
}

Result<PredictionScore> score_predictions(const RecordedSpace& recorded, double share,
                                          uint64_t seed) {
  std::vector<size_t> ran;
  for (size_t row = 0; row < recorded.rows.size(); ++row) {
    if (recorded.rows[row].status == RecordedStatus::ok) ran.push_back(row);
  }
  std::mt19937_64 random(seed);
  shuffle(ran, random);
  const auto trained = static_cast<size_t>(std::round(share * static_cast<double>(ran.size())));
  if (trained < 2 || ran.size() < trained + 2) {
    return bad_input("holds too few configurations that ran", recorded.name,
                     "at least two to learn from and two to foretell");
  }
  const std::vector<size_t> known(ran.begin(), ran.begin() + static_cast<std::ptrdiff_t>(trained));
  std::vector<Configuration> unknown;
  std::vector<double> log_ms;
  for (size_t i = trained; i < ran.size(); ++i) {
    unknown.push_back(recorded.space.at(ran[i]));
    log_ms.push_back(std::log(recorded.rows[ran[i]].time_ms));
  }
  const CostModel model(recorded, known, seed);
  PredictionScore score = compare(model.log_ms(unknown), log_ms);
  score.trained = static_cast<int64_t>(trained);
  return score;
}

}  // namespace kbench
