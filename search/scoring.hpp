#pragma once

#include <cstdint>
#include <vector>

#include "search/recorded_space.hpp"

namespace kbench {

// Scores of the autotuning methodology (Willemsen et al. 2024; docs/search.md has every formula):
// how far between random search and the optimum a strategy is, over the time in which random search
// gets from 1 % to 95 % of the way from the median to the optimum. 0 is random search, 1 the
// optimum at once.
class Scoring {
 public:
  static constexpr int kPoints = 1000;

  explicit Scoring(const RecordedSpace& recorded);

  double optimum_ms() const { return worst_first_.back(); }
  // Random search's evaluations to 95 % of the way, and the time they take.
  int64_t budget() const { return budget_; }
  double end_ms() const { return times_ms_.back(); }
  // The points in time that are scored, how many draws random search is taken to have made by each
  // and its expected best.
  const std::vector<double>& times_ms() const { return times_ms_; }
  const std::vector<double>& draws() const { return draws_; }
  const std::vector<double>& baseline_ms() const { return baseline_ms_; }

  // Rank of a value among the valid ones, 0 the slowest. Of equal ones the highest.
  double rank(double value_ms) const;
  // The value at a mean rank, between ranks interpolated.
  double at_rank(double rank) const;

  // What strategies found by each of the times: best so far as ranks, averaged over runs, as a
  // value. Averaging the values would let one bad run of a heavy-tailed space outweigh the others.
  std::vector<double> mean_best_ms(const std::vector<std::vector<double>>& ranks_of_runs) const;
  double score(const std::vector<double>& best_ms) const;

 private:
  int64_t evaluations_to(double share) const;

  std::vector<double> worst_first_;
  std::vector<double> times_ms_, draws_, baseline_ms_;
  int64_t budget_ = 0;
};

}  // namespace kbench
