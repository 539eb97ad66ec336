#pragma once

#include <map>
#include <string>
#include <vector>

#include "search/recorded_space.hpp"
#include "search/strategy.hpp"

namespace kbench {

struct ReplaySetup {
  std::string strategy = "genetic";
  std::map<std::string, std::string> options;
  int repeats = 100;
  uint64_t seed = 1;  // repeat i runs with seed + i
  bool charge_failures =
      true;         // false: a failed configuration costs nothing and counts for nothing
  int threads = 1;  // repeats at a time
};

// Evaluations after which best / optimum is reported.
inline constexpr int kCheckpoints[] = {50, 100, 200};

// A strategy on one recorded space.
struct ReplayResult {
  std::string space;
  int64_t budget = 0;            // evaluations random search needs to 95 %
  double score = 0;              // thinking time included
  double score_no_thinking = 0;  // thinking time taken as zero
  // Geometric mean over the repeats after kCheckpoints evaluations, failed ones included.
  std::vector<double> best_over_optimum = {};
  double thinking_us = 0;      // mean CPU time of the strategy's thread an evaluation
  double thinking_max_us = 0;  // largest of any evaluation
  // Best so far as a share of the way from random search to the optimum (Scoring::score's mean is
  // over these), at Scoring::times_ms, for pictures.
  std::vector<double> performance = {};
};

// Strategy and options must be known; errors name near misses.
Result<ReplayResult> replay(const RecordedSpace& recorded, const ReplaySetup& setup);

// A table of results with means in its last line; scores over the spaces, ratios geometric.
std::string replay_table(const std::vector<ReplayResult>& results);

}  // namespace kbench
