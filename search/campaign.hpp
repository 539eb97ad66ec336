#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/evaluation.hpp"
#include "results/store.hpp"
#include "search/budget.hpp"
#include "search/objectives.hpp"
#include "search/space.hpp"

namespace kbench {

// A kernel file with the configurations to search.
struct SearchKernel {
  KernelFile file;
  Space space;
  std::string language = "cpp";
  std::string compiler = {};  // empty: the backend's first
};

// One `kbench run`.
struct CampaignSetup {
  Problem problem;
  std::optional<Problem> smaller;  // for asks that want it; none: there are none
  std::string device = "cpu";
  std::vector<SearchKernel> kernels;  // the first one's default is the anchor
  std::vector<Candidate> baselines;   // of vendors: compared with the best at the end, never ranked
  std::string strategy = "bayes";
  std::map<std::string, std::string> options;  // of the strategy, as given
  std::vector<Objective> objectives;  // besides time: told to the strategy, kept as a front
  std::vector<Params> first;  // of a search elsewhere: asked first, by kernels that have them
  Budget budget;
  uint64_t seed = 0;
  int lag = 0;                // asks open at a time; 0: the evaluator's depth
  int finalists = 3;          // confirmed at the end
  int confirm_every = 64;     // evaluations between confirmations on the way; 0: only at the end
  bool full_screens = false;  // no screen ends early: every time is worth keeping
  std::optional<Conditions> reuse;  // stored answers under these are used again; none: none are
  std::string command;              // as typed, for the record
  std::string environment_json;     // with the `task_hash` by which answers are used again
  // The command that judges one candidate again, for its row.
  std::function<std::string(const Candidate&, const Problem&)> repeat_command;
};

enum class CampaignPhase { replaying, searching };
std::string_view name_of(CampaignPhase phase);

struct CampaignProgress {
  Spent spent;
  double budget_used = 0;  // [0, 1]
  int64_t failures = 0;
  int64_t from_store = 0;
  double best_screened_ns = 0;  // 0: none yet
};

// What a person watching is told. Calls come from the campaign's thread.
class CampaignObserver {
 public:
  virtual ~CampaignObserver() = default;
  virtual void on_start(int64_t campaign) = 0;
  virtual void on_phase(CampaignPhase phase) = 0;
  // A confirmation takes seconds: said before each.
  virtual void on_confirming(const Candidate& candidate) = 0;
  virtual void on_evaluation(const CampaignProgress& progress, const Candidate& candidate,
                             const Evaluation& evaluation) = 0;
  // `promoted`: it is the incumbent from now on.
  virtual void on_confirmation(const Candidate& candidate, const Confirmation& confirmation,
                               bool promoted) = 0;
  // What a model gave, told and stored; only where models take part.
  virtual void on_proposal(const StoredProposal&) {}
  // What one foretold of its kernel, just before.
  virtual void on_precheck(const StoredPrecheck&) {}
};

// A confirmed kernel, with its paired comparison to the anchor (none: it is the anchor).
struct Confirmed {
  Candidate candidate;
  int64_t evaluation_id = 0;
  Confirmation confirmation;
};

struct CampaignResult {
  int64_t id = 0;
  std::string ended_by;  // "500 evaluations", "space exhausted", "interrupted"
  CampaignProgress progress;
  std::optional<Confirmed> anchor, incumbent;  // none: nothing could be confirmed
  std::vector<Confirmed> finalists;            // every confirmed one, by its ratio to the anchor
  // Baselines as they came, with their paired comparison to the incumbent; one that is not
  // installed has an outcome that says so, one for which no time was left is missing.
  std::vector<Confirmed> baselines;
  std::vector<FrontRow> front;  // of the screened ones, where there are objectives
};

// Searches until the budget is spent, then confirms the best. Every ask is stored as an intent
// before it runs and its result after; `stop` (Ctrl-C) ends it between two transactions, to be
// resumed. An Error is the store's or the judge's end, never a bad kernel. `now` is monotonic.
using Clock = std::function<std::chrono::nanoseconds()>;
Clock steady_clock();
Result<CampaignResult> run_campaign(const CampaignSetup& setup, Evaluator& evaluator, Store& store,
                                    CampaignObserver& observer, const std::atomic<bool>& stop,
                                    const Clock& now = steady_clock());

// Goes on with a stored campaign: what it was told is replayed, each ask is checked against the
// log, open intents run again. `setup` holds the same kernels and what `restore` read from the
// record. A time budget starts anew.
Result<CampaignResult> resume_campaign(const CampaignRecord& record, const CampaignSetup& setup,
                                       Evaluator& evaluator, Store& store,
                                       CampaignObserver& observer, const std::atomic<bool>& stop,
                                       const Clock& now = steady_clock());

// The record's strategy, options, budget, seed, lag and problem put into a setup whose kernels the
// caller has loaded again. An error when those kernels are not the recorded ones.
Result<void> restore(const CampaignRecord& record, CampaignSetup& setup);

}  // namespace kbench
