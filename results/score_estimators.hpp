#pragma once

#include <cstdint>
#include <vector>

namespace kbench {

// The formulas and their sources: docs/scores.md.

// The chance that one of k of these n attempts, c of them right, is right. 1 <= k <= n.
double pass_at_k(int64_t n, int64_t c, int64_t k);

// The mean, over all subsets of k of these values, of a subset's largest. 1 <= k <= n.
double best_of_k(std::vector<double> values, int64_t k);

// ENAMEL's efficiency of a right kernel: 1 at the anchor's time, 0 from `censor` times that on, at
// most censor / (censor - 1). `censor` above 1.
double efficiency(double speedup, double censor);

// Levels of speed among kernels: from the slowest on, one begins where a kernel is more than `gap`
// faster than the slowest of the level before.
class PerformanceLevels {
 public:
  PerformanceLevels(std::vector<double> speedups, double gap);
  // The share of the kernels, in percent, in the levels up to the one this speed-up reaches; 0 when
  // it is slower than all.
  double score(double speedup) const;

 private:
  std::vector<double> slowest_;  // of each level, ascending
  std::vector<double> share_;    // up to and with it, in percent
};

// The five levels of Godoy et al. from what a model offered.
struct Suggestion {
  bool right = false;
  bool in_form = false;  // the language and form asked for
  bool distinct = true;  // not the same code as one before it
};
// 0 non-knowledge, 0.25 novice, 0.5 learner, 0.75 proficient, 1 expert. `suggestions`: those with
// code.
double proficiency(const std::vector<Suggestion>& suggestions);

// The reward of a right kernel whose speed-up is at least `low`; a wrong one has 0.
inline constexpr double kLeastReward = 0.1, kLargestReward = 3;
double reward_of_right(double low);

}  // namespace kbench
