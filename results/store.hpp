#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/evaluation.hpp"
#include "results/proposal.hpp"

namespace kbench {

// One `kbench run`: what was asked for, enough to resume it.
struct CampaignRecord {
  int64_t id = 0;
  std::string task, device, strategy, command;
  std::string options_json;  // strategy options, budget
  std::string kernels_json;  // names and hashes of the kernels searched
  Problem problem;
  uint64_t seed = 0;
  std::string state = "running";  // running, done, interrupted
  std::string environment_json;   // CPU model, governor, compilers, kbench and judge versions
  std::string started, ended;     // ISO 8601 UTC
};

// An ask of a campaign as the log has it: an intent, and its result once there is one.
struct LoggedAsk {
  int64_t sequence = 0;
  std::string kernel_hash;
  Params params;
  std::optional<int64_t> evaluation_id;
  std::optional<double> value_ns;  // of a whole screen; none: failed, in part or still open
  Outcome outcome = Outcome::internal_error;
};

// A row as `show` and exports give it.
struct StoredEvaluation {
  int64_t id = 0, campaign = 0, sequence = 0;
  Evaluation evaluation;  // its `id` is the sequence number in the campaign
  std::string source, kernel_name, language, command, when;
  std::string compiler;  // asked for; empty: the backend's first
  std::optional<Comparison> against_anchor, against_incumbent;
  int64_t parent = 0;  // the evaluation it came from; 0: a starting kernel
  // Of a confirmation.
  std::optional<double> shrinkage;
  std::vector<Problem> held_out;
};

// What must be the same for a stored answer to serve again, besides candidate and problem.
struct Conditions {
  std::string device_model, judge_version;
  std::string compiler, target;  // as evaluations have them: "g++ 12.2.0", "x86-64 sapphirerapids"
  std::string task_hash;         // of the task's files, as the campaign's environment has it
};

// Which evaluations: all of these hold; an empty field asks for nothing.
struct Selection {
  std::string task = {};
  int64_t campaign = 0;
  std::string kernel_hash = {};
  std::optional<Evidence> evidence = {};  // exactly this
  bool newest_first = false;
};

// How many evaluations of a task ended so.
struct OutcomeCount {
  std::string task;
  Outcome outcome = Outcome::ok;
  std::string rule;
  int64_t count = 0;
};

struct LeaderboardRow;

enum class OpenMode { read_only, read_write };

// The one SQLite file. One writer at a time (a lock names who holds it); readers never block. Every
// change is one transaction. Not thread-safe.
class Store {
 public:
  // Creates and migrates as needed. Errors: newer schema, not a kbench file, read-only, second
  // writer.
  static Result<std::unique_ptr<Store>> open(const std::string& path, OpenMode mode,
                                             bool durable = false);
  ~Store();

  Result<int64_t> begin_campaign(const CampaignRecord& campaign);
  Result<void> end_campaign(int64_t campaign, const std::string& state);
  Result<std::optional<CampaignRecord>> campaign(int64_t id) const;
  Result<std::vector<CampaignRecord>> campaigns() const;
  Result<std::vector<LoggedAsk>> asks(int64_t campaign) const;

  // The ask is committed before it runs ...
  Result<void> record_intent(int64_t campaign, int64_t sequence, const std::string& kernel_hash,
                             const Params& params);
  // ... and its result in one transaction after. Returns the evaluation's id. A confirmation
  // without `against_anchor` that ends ok becomes the campaign's anchor.
  Result<int64_t> record(int64_t campaign, int64_t sequence, const Candidate& candidate,
                         const Evaluation& evaluation, const std::string& command,
                         int64_t parent = 0);
  Result<int64_t> record(int64_t campaign, const Candidate& candidate,
                         const Confirmation& confirmation, const std::string& command,
                         int64_t parent = 0);

  // What a model is asked, committed before it is; its answer, to the byte, as soon as it is here;
  // and what became of the kernel in it (`outcome`, `message`, `kernel_hash`).
  Result<void> record_prompt(const StoredProposal& proposal);
  Result<void> record_reply(const StoredProposal& proposal);
  Result<void> record_outcome(const StoredProposal& proposal);
  // In the order they were asked.
  Result<std::vector<StoredProposal>> proposals(int64_t campaign) const;
  // The same for what a model is asked about a proposal's kernel: at most once for each.
  Result<void> record_prompt(const StoredPrecheck& precheck);
  Result<void> record_reply(const StoredPrecheck& precheck);
  Result<std::vector<StoredPrecheck>> prechecks(int64_t campaign) const;

  Result<std::optional<StoredEvaluation>> evaluation(int64_t id) const;
  // The newest stored answer to the same question under the same conditions, for reuse.
  Result<std::optional<StoredEvaluation>> find(const std::string& candidate_hash,
                                               const Problem& problem,
                                               const Conditions& conditions) const;
  // Evaluations streamed in id order; `visit` returns false to stop.
  Result<void> for_each(const std::function<bool(const StoredEvaluation&)>& visit,
                        const Selection& selection = {}) const;
  Result<void> for_each(const std::function<bool(const StoredEvaluation&)>& visit,
                        const std::string& task) const {
    return for_each(visit, Selection{.task = task});
  }
  // The evaluation with the least screened median of a campaign; none yet: nothing.
  Result<std::optional<int64_t>> best_screened(int64_t campaign) const;
  Result<std::vector<OutcomeCount>> outcomes(const std::string& task = {}) const;

  // Everything `body` records becomes one transaction, committed when it returns and undone when it
  // returns an error.
  Result<void> batch(const std::function<Result<void>()>& body);

 private:
  friend Result<std::vector<LeaderboardRow>> leaderboard(const Store&, const std::string&, int);
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A confirmed kernel among those of its (task, problem, device model, threads). Ratios to different
// anchors do not compare: `anchor` is part of the ranking's key.
struct LeaderboardRow {
  std::string task, problem, device_model, kernel_name, params;
  int threads = 1;
  int64_t evaluation_id = 0;
  double ratio_to_anchor = 1, low = 1, high = 1;  // time of this / time of anchor
  double median_ns = 0, roofline_share = 0;
  std::string when;
  std::string language, compiler, command;
  std::string
      anchor;    // "naive.cpp BLOCK=64 (g++)"; the anchor itself stands in the list with ratio 1
  int rank = 1;  // from 1, among those with the same key
  bool is_anchor = false;
  std::string judge_version;
};
// The `best` of each key by paired ratio to the anchor; of a candidate confirmed several times the
// latest counts, since the best of several would be luck; one found to be wrong since is left out.
Result<std::vector<LeaderboardRow>> leaderboard(const Store& store, const std::string& task = {},
                                                int best = 10);

}  // namespace kbench
