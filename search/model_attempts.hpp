#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/attempt.hpp"
#include "results/precheck_scores.hpp"
#include "results/store.hpp"

namespace kbench {

// An attempt with what training wants of it.
struct RecordedAttempt {
  Attempt attempt;
  std::string prompt;     // JSON as stored: what was asked
  std::string reply;      // to the byte
  std::string reasoning;  // of the reply, where it leaked into it
  std::string kernel;     // the kernel file in it, edits applied; empty: none
  std::string params;     // its best ones
  std::string problem;    // canonical
};

// What a models' campaign asked for and got, in order. Not counted: calls that brought no answer or
// asked for a plan, and kernels that the judge could not judge; their money goes to the model's
// next attempt, or its last. `unchanged` kernels count as their twins do.
Result<std::vector<RecordedAttempt>> recorded_attempts(const Store& store,
                                                       const CampaignRecord& campaign);

// Those of these campaigns (none: all that asked models) with their performance scores, which come
// from all of them together. An error when no model was ever asked.
Result<std::vector<Attempt>> scored_attempts(const Store& store,
                                             const std::vector<int64_t>& campaigns);

// What models foretold in campaigns that judged everything all the same.
Result<std::vector<JudgedPrecheck>> judged_prechecks(const Store& store,
                                                     const std::vector<int64_t>& campaigns);

}  // namespace kbench
