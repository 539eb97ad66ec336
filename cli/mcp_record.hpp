#pragma once

#include <map>
#include <string>

#include "cli/source_judge.hpp"
#include "results/store.hpp"

namespace kbench {

// The strategy of campaigns that hold what agents had confirmed.
inline constexpr const char* kAgentStrategy = "agent";

// Keeps what an agent had confirmed in the database: a campaign for each problem of a session. The
// database is open for writing only while something is stored.
class McpRecord {
 public:
  // `tasks` as --tasks has it.
  McpRecord(std::string database, std::string tasks)
      : database_(std::move(database)), tasks_(std::move(tasks)) {}

  // Whether the task's reference has yet to be confirmed for this problem, by which others rank.
  bool wants_anchor(const Problem& problem) const;
  // The evaluation's id. `anchor`: the confirmation of the reference, where it is wanted. An Error:
  // another program writes to the database, or it is none.
  Result<int64_t> keep(const SourceJudge::Subject& subject, const Confirmation& confirmation,
                       const std::optional<Confirmation>& anchor);

 private:
  struct Place {
    int64_t campaign = 0, next = 0;  // the number of what is stored next
  };
  Result<Place> begin(Store& store, const SourceJudge::Subject& subject,
                      const Confirmation& anchor) const;
  std::string command_for(const Candidate& candidate, const Problem& problem) const;

  std::string database_, tasks_;
  std::map<std::string, Place> places_;  // by problem
};

}  // namespace kbench
