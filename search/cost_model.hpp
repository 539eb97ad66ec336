#pragma once

#include <cstdint>

#include "search/forest.hpp"
#include "search/recorded_space.hpp"

namespace kbench {

// Foretells times from those of other configurations: a random forest of log time over params, and
// over problem and device where the space has them as params. Good enough to say what to try first,
// never to pick a winner.
class CostModel {
 public:
  // From these rows of the space; those that failed teach nothing. At least one ran.
  CostModel(const RecordedSpace& recorded, const std::vector<size_t>& rows, uint64_t seed);

  // Of log time in ms, with its variance.
  std::vector<Prediction> log_ms(const std::vector<Configuration>& configurations) const {
    return forest_.predict(configurations);
  }

 private:
  Forest forest_;
};

// How well a model that knows a random share of a space foretells the rest.
struct PredictionScore {
  int64_t trained = 0, held_out = 0;  // rows that ran
  double r2 = 0;                      // share of log time's variance that is explained
  double median_error = 0;            // of |foretold / real - 1|
  double best_in_top = 0;  // best of the hundredth it takes for fastest / real best of the held out
};
// share in (0, 1). An error where fewer than two rows are left on either side.
Result<PredictionScore> score_predictions(const RecordedSpace& recorded, double share,
                                          uint64_t seed);

}  // namespace kbench
