#pragma once

#include <map>
#include <vector>

#include "results/store.hpp"
#include "search/models/endpoint.hpp"

namespace kbench {

// What a stored campaign was answered by its judge.
struct RecordedEvaluations {
  std::map<int64_t, StoredEvaluation> asks;  // by sequence
  std::vector<StoredEvaluation> confirmations;
};
Result<RecordedEvaluations> recorded_evaluations(const Store& store, int64_t campaign);

// An Error that shows both: the verdict is another candidate's.
Result<void> check_same(const Candidate& candidate, const StoredEvaluation& stored);
// What its models were asked, and said.
using RecordedCalls = std::map<CallKey, StoredCall>;
Result<RecordedCalls> recorded_calls(const Store& store, int64_t campaign);
// An Error that shows where they part: this is not what was asked then.
Result<void> check_same(const StoredCall& call, const StoredCall& stored);
// What came of the call.
Exchange exchange_of(const StoredCall& stored);

}  // namespace kbench
