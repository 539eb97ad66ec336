#pragma once

#include <cstdint>
#include <vector>

#include "harness/evaluation.hpp"

namespace kbench {

// Linear interpolation between order statistics; `sorted` is not empty.
double quantile(const std::vector<double>& sorted, double share);
double median(std::vector<double> values);

// How sure, and how much, before two kernels count as different.
struct ComparisonRule {
  double minimum_effect = 0.005;  // relative; below it two kernels are the SAME
  double confidence = 0.99;       // of one comparison
  int comparisons = 1;            // finalists judged together: Bonferroni widens the interval
  // Of two to four launches all may err to the same side by luck: they tell only what is plain.
  int enough_launches = 5;
  double plain_effect = 0.05;
  int resamples = 2000;
};

// Judges paired log ratios, one vector a launch, log(time of a / time of b) a pair. The interval of
// the median ratio is a bootstrap over launches, then over the pairs in each: pairs of one launch
// share its pages and its process, so they are not independent. Deterministic from `seed`. One
// launch decides nothing; fewer than rule.enough_launches are never the SAME, and FASTER or SLOWER
// only by more than rule.plain_effect.
Comparison compare_pairs(const std::vector<std::vector<double>>& launches,
                         const ComparisonRule& rule, uint64_t seed);

}  // namespace kbench
