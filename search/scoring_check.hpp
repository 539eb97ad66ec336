#pragma once

#include "search/recorded_space.hpp"

namespace kbench {

// What simulated random searches score on a space; the closed form takes it for 0.
struct ScoringCheck {
  // After as many draws as the closed form counts at each point in time. Not 0 where
  // configurations fail, since some of the draws do.
  double counted = 0;
  // Every draw at its recorded cost, known when it has finished. Lower where costs differ: the
  // closed form rounds the mean number of draws, a search has only those that are finished.
  double recorded_costs = 0;
};

ScoringCheck check_scoring(const RecordedSpace& recorded, int permutations, uint64_t seed);

}  // namespace kbench
