#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/outcome.hpp"
#include "results/proposal.hpp"

namespace kbench {

// A kernel of which a model foretold something, and what the judge found.
struct JudgedPrecheck {
  std::string model;
  Foretold foretold;
  std::optional<Outcome> outcome;  // none: a confirmation refuted it
};

// `hits` of `all`, with the interval of Clopper and Pearson (1934), which holds for small counts.
struct Share {
  int64_t hits = 0, all = 0;
  std::optional<double> value, low, high;  // none: of nothing
};
Share share_of(int64_t hits, int64_t all, double confidence = 0.95);

// How good it is at one question. What counts is a no: "compiles" is about kernels that do not.
struct PrecheckScore {
  std::string question;     // "passes", "compiles", "right", "cheats"
  Share precision, recall;  // of those it said no to, that were none; of those, it said no to
};
struct PrecheckGroup {
  std::string model;
  int64_t judged = 0;
  std::vector<PrecheckScore> scores;
};
// One for each model, by name. Only of what compiled is it asked whether it is right and whether it
// cheats.
std::vector<PrecheckGroup> precheck_scores(const std::vector<JudgedPrecheck>& prechecks);

}  // namespace kbench
