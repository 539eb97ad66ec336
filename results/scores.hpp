#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "results/attempt.hpp"

namespace kbench {

struct ScoreOptions {
  std::vector<int64_t> ks = {1, 5, 10};               // attempts
  std::vector<double> ps = {0.5, 0.8, 1, 1.5, 2, 4};  // speed-ups of fast_p
  double censor = 2;                                  // of eff@k, in times of the anchor
  int resamples = 2000;
  double confidence = 0.95;
  uint64_t seed = 1;
};

// One figure; without a value where there is nothing to make it from, infinite where it is a cost
// of what never came. The interval is a bootstrap over exercises, then over the attempts in each.
struct Score {
  std::string name;  // "pass@5"
  std::optional<double> value, low, high;
};
struct ScoreGroup {
  std::string name;
  int exercises = 0, solved = 0;  // solved: a right attempt in it
  int attempts = 0, right = 0, confirmed = 0;
  // Attempts whose question none other of their exercise had: estimators over k take attempts for
  // answers to one question.
  int lone = 0;
  std::vector<Score> scores;
};

// One group for each key, sorted; `attempts` is not empty.
std::vector<ScoreGroup> scores_by(const std::vector<Attempt>& attempts,
                                  const std::function<std::string(const Attempt&)>& key,
                                  const ScoreOptions& options = {});

}  // namespace kbench
