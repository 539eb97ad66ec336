#pragma once

#include <map>
#include <string>
#include <vector>

#include "search/recorded_space.hpp"
#include "search/strategy.hpp"

namespace kbench {

struct ReplaySetup {
  std::string strategy = "bayes";
  std::map<std::string, std::string> options = {};
  int repeats = 100;
  uint64_t seed = 1;               // repeat i runs with seed + i
  bool charge_failures = true;     // false: failed ones cost nothing and are no evaluations
  int threads = 1;                 // repeats at a time
  std::vector<Params> first = {};  // asked before the strategy's own, where the space has them
};

// Evaluations after which best / optimum is reported.
inline constexpr int kCheckpoints[] = {25, 50, 100, 200};

// A strategy on one recorded space.
struct ReplayResult {
  std::string space = {}, strategy = {};
  int64_t budget = 0;            // evaluations random search needs to 95 %
  double score = 0;              // thinking time included
  double score_no_thinking = 0;  // thinking time taken as zero
  // Geometric mean over the repeats after kCheckpoints evaluations.
  std::vector<double> best_over_optimum = {};
  double thinking_us = 0;      // mean CPU time of the strategy's thread an evaluation
  double thinking_max_us = 0;  // largest of any evaluation
  // What the score is made of: the strategy's mean best so far (by rank) and random search's
  // expected one at Scoring's points in time.
  std::vector<double> times_ms = {}, best_ms = {}, random_ms = {};
  double optimum_ms = 0;
};

// Strategy and options must be known; errors name near misses.
Result<ReplayResult> replay(const RecordedSpace& recorded, const ReplaySetup& setup);

// Of one strategy's results: scores and thinking arithmetic, ratios geometric, no curves.
// `results` is not empty.
ReplayResult mean_of(const std::vector<ReplayResult>& results);

}  // namespace kbench
