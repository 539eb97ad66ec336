#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <climits>
#include <csignal>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "harness/environment.hpp"
#include "harness/judge_server.hpp"
#include "results/store.hpp"

namespace kbench {

namespace {

struct ReverifyOptions {
  std::string task, tasks;
  bool all = false;
};

std::atomic<bool> stop_requested{false};

using Rows = std::vector<LeaderboardRow>;

// Rows that compare with each other: one problem, device and anchor.
std::vector<Rows> rankings_of(const Rows& rows) {
  std::vector<Rows> rankings;
  auto key = [](const LeaderboardRow& row) {
    return std::tie(row.task, row.problem, row.device_model, row.anchor);
  };
  for (const LeaderboardRow& row : rows) {
    if (rankings.empty() || key(rankings.back().front()) != key(row)) rankings.emplace_back();
    rankings.back().push_back(row);
  }
  return rankings;
}

Candidate candidate_of(const StoredEvaluation& row) {
  return {row.source, row.kernel_name, row.evaluation.params, row.language, row.compiler};
}

// Judges one ranking anew: the anchor first, then the others in pairs with it, or alone where it no
// longer stands.
class Reverification {
 public:
  Reverification(JudgeClient& judge, Store& store, const ReverifyOptions& options,
                 const GlobalOptions& global)
      : judge_(judge), store_(store), options_(options), global_(global) {}

  Result<void> judge(const Rows& ranking) {
    Rows due;
    for (const LeaderboardRow& row : ranking) {
      if (options_.all || row.judge_version != kJudgeVersion) due.push_back(row);
    }
    if (due.empty()) return {};
    const auto anchor = std::find_if(ranking.begin(), ranking.end(),
                                     [](const LeaderboardRow& row) { return row.is_anchor; });
    if (ranking.front().device_model != this_cpu().model || anchor == ranking.end()) {
      skipped_ += static_cast<int>(due.size());
      return {};
    }
    if (auto begun = begin(ranking.front()); !begun) return begun;
    // The anchor is judged by today's rules too before anything is compared with it.
    anchor_.reset();
    if (auto done = again(*anchor); !done) return done;
    for (const LeaderboardRow& row : due) {
      if (stop_requested) break;
      if (row.is_anchor) continue;
      if (auto done = again(row); !done) return done;
    }
    return store_.end_campaign(campaign_, stop_requested ? "interrupted" : "done");
  }

  int finish() const {
    if (!global_.json) {
      fmt::print("{} stand, {} demoted", stand_, demoted_);
      if (undecided_ > 0) fmt::print(", {} not decided", undecided_);
      if (skipped_ > 0) fmt::print(", {} of another device or without an anchor left", skipped_);
      fmt::print("\n");
      if (stop_requested) fmt::print("interrupted: the same command goes on with the rest\n");
    }
    if (stop_requested) return static_cast<int>(ErrorKind::interrupted);
    return demoted_ > 0 ? static_cast<int>(ErrorKind::rejected) : 0;
  }

 private:
  Result<void> begin(const LeaderboardRow& row) {
    auto task = find_task(tasks_folder(options_.tasks), row.task);
    if (!task) return tl::unexpected(task.error());
    auto problem = parse_problem(*task, row.problem);
    if (!problem) return tl::unexpected(problem.error());
    problem_ = std::move(*problem);
    nlohmann::json about = environment(compiler_names());
    about["task_hash"] = task_hash(*task);
    CampaignRecord record;
    record.task = row.task;
    record.device = "cpu";
    record.strategy = "reverify";
    record.command = "kbench reverify " + row.task;
    record.options_json = "{}";
    record.kernels_json = "[]";
    record.problem = problem_;
    record.environment_json = about.dump();
    auto id = store_.begin_campaign(record);
    if (!id) return tl::unexpected(id.error());
    campaign_ = *id;
    sequence_ = 0;
    return {};
  }

  Result<void> again(const LeaderboardRow& row) {
    auto stored = store_.evaluation(row.evaluation_id);
    if (!stored) return tl::unexpected(stored.error());
    const Candidate candidate = candidate_of(**stored);
    ConfirmationRequest request;
    request.id = sequence_++;
    request.candidate = candidate;
    request.anchor = anchor_;
    request.problem = problem_;
    request.device = (*stored)->evaluation.device;
    request.screen_ns = row.median_ns;
    auto confirmation = judge_.confirm(request);
    if (!confirmation) return tl::unexpected(confirmation.error());
    const Evaluation& evaluation = confirmation->evaluation;
    // Without its anchor a kernel is right or wrong, but has no rank: what it had stays.
    const bool ranked = row.is_anchor || anchor_ || evaluation.outcome != Outcome::ok;
    auto recorded =
        ranked ? store_.record(campaign_, candidate, *confirmation, row.command, row.evaluation_id)
               : store_.record(campaign_, request.id, candidate, evaluation, row.command,
                               row.evaluation_id);
    if (!recorded) return tl::unexpected(recorded.error());
    if (row.is_anchor && evaluation.outcome == Outcome::ok) anchor_ = candidate;
    show(row, *confirmation, *recorded, fate(evaluation.outcome));
    return {};
  }

  // What became of a row, counted.
  std::string_view fate(Outcome outcome) {
    const bool undecided =
        outcome == Outcome::internal_error || outcome == Outcome::compile_timeout;
    ++(outcome == Outcome::ok ? stand_ : undecided ? undecided_ : demoted_);
    return outcome == Outcome::ok ? "stands" : undecided ? "undecided" : "demoted";
  }

  void show(const LeaderboardRow& row, const Confirmation& confirmation, int64_t id,
            std::string_view fate) const {
    const Evaluation& evaluation = confirmation.evaluation;
    const double now = confirmation.against_anchor ? confirmation.against_anchor->ratio : 1;
    if (global_.json) {
      fmt::print("{}\n", nlohmann::json{{"task", row.task},
                                        {"problem", row.problem},
                                        {"kernel", row.kernel_name},
                                        {"params", row.params},
                                        {"evaluation", row.evaluation_id},
                                        {"judged_again", id},
                                        {"fate", fate},
                                        {"outcome", name_of(evaluation.outcome)},
                                        {"rule", evaluation.rule},
                                        {"message", evaluation.message},
                                        {"ratio_before", row.ratio_to_anchor},
                                        {"ratio_now", now}}
                             .dump());
    } else {
      const bool stands = evaluation.outcome == Outcome::ok;
      fmt::print("{} {} {}{}  {}\n",
                 paint(fmt::format("{:<9}", fate), stands ? Colour::green : Colour::red), row.task,
                 std::filesystem::path(row.kernel_name).filename().string(),
                 row.params.empty() ? "" : " " + row.params,
                 stands ? fmt::format("{:.3f} of its anchor's time, {:.3f} before", now,
                                      row.ratio_to_anchor)
                        : fmt::format("{} ({}): {}", name_of(evaluation.outcome), evaluation.rule,
                                      evaluation.message));
    }
    std::fflush(stdout);
  }

  JudgeClient& judge_;
  Store& store_;
  const ReverifyOptions& options_;
  const GlobalOptions& global_;
  Problem problem_;
  std::optional<Candidate> anchor_;
  int64_t campaign_ = 0, sequence_ = 0;
  int stand_ = 0, demoted_ = 0, undecided_ = 0, skipped_ = 0;
};

int run_reverify(const ReverifyOptions& options, const GlobalOptions& global) {
  // Nothing is created where there is nothing to judge.
  if (auto there = Store::open(global.database, OpenMode::read_only); !there) {
    return report(there.error(), global);
  }
  auto store = Store::open(global.database, OpenMode::read_write);
  if (!store) return report(store.error(), global);
  if (!options.task.empty()) {
    if (auto known = check_task(options.task, **store); !known)
      return report(known.error(), global);
  }
  auto rows = leaderboard(**store, options.task, INT_MAX);
  if (!rows) return report(rows.error(), global);
  auto judge = JudgeClient::start({options.tasks, "", 0});
  if (!judge) return report(judge.error(), global);
  std::signal(SIGINT, [](int) { stop_requested = true; });
  Reverification reverification(**judge, **store, options, global);
  for (const Rows& ranking : rankings_of(*rows)) {
    if (stop_requested) break;
    if (auto done = reverification.judge(ranking); !done) return report(done.error(), global);
  }
  return reverification.finish();
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<ReverifyOptions>();
  app.add_option("task", options->task, "Only kernels of this task");
  app.add_flag("--all", options->all, "Also rows that this version of the judge confirmed");
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  app.footer(
      "Confirms the leaderboard's rows of older versions of the judge again, from the stored "
      "sources. What no longer stands loses its rank; what was recorded stays.\n"
      "Exit code 1: something was demoted.\nExamples:\n  kbench reverify\n"
      "  kbench reverify softmax --all");
  return [options, &global] { return run_reverify(*options, global); };
}

const bool kRegistered =
    commands().add("reverify", {"Judge stored kernels again by today's rules", declare});

}  // namespace

}  // namespace kbench
