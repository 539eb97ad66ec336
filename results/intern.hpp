#pragma once

#include <string>

#include "harness/evaluation.hpp"
#include "results/sqlite.hpp"

namespace kbench {

// Rows that many evaluations share, found or added: each returns the row's id.
Result<int64_t> text_id(Database& database, const std::string& text);
Result<int64_t> problem_id(Database& database, const Problem& problem);
Result<int64_t> platform_id(Database& database, const Evaluation& evaluation,
                            const std::string& judge_version);
Result<int64_t> params_id(Database& database, const Params& params);
// A kernel known by its hash only, as an intent has it.
Result<int64_t> source_id(Database& database, const std::string& kernel_hash);
// With its text, which is added to a source that had none.
Result<int64_t> candidate_id(Database& database, const Candidate& candidate,
                             const std::string& kernel_hash, const std::string& candidate_hash);

// {"BLOCK":"64"}: keys sorted, bytes that are no UTF-8 replaced.
std::string params_json(const Params& params);

}  // namespace kbench
