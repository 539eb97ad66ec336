#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "harness/environment.hpp"
#include "harness/judge_server.hpp"
#include "search/dispatch.hpp"

namespace kbench {

namespace {

struct DispatchOptions {
  std::string task, tasks;
  double loss_percent = 2;
};

// The winners of a task's problems, each once, and the problems.
struct Winners {
  std::vector<Candidate> kernels;
  std::vector<Problem> problems;
};

Result<Winners> winners_of(const Store& store, const std::string& task) {
  const auto rows = leaderboard(store, task, 1);
  if (!rows) return tl::unexpected(rows.error());
  Winners winners;
  std::set<std::string> kernels, problems;
  for (const LeaderboardRow& row : *rows) {
    if (row.device_model != this_cpu().model) continue;
    const auto stored = store.evaluation(row.evaluation_id);
    if (!stored) return tl::unexpected(stored.error());
    const StoredEvaluation& won = **stored;
    if (problems.insert(row.problem).second) winners.problems.push_back(won.evaluation.problem);
    if (!kernels.insert(won.evaluation.candidate_hash + won.compiler).second) continue;
    winners.kernels.push_back(
        {won.source, won.kernel_name, won.evaluation.params, won.language, won.compiler});
  }
  if (winners.problems.size() < 2) {
    return bad_input(
        fmt::format("{} of {} has a confirmed kernel on this processor",
                    winners.problems.empty() ? "no problem" : "only one problem", task),
        {}, "'kbench run " + task + " --problems LIST.json' tunes several");
  }
  return winners;
}

// Screened times of every winner on every problem, taken one after the other in one session.
Result<std::vector<std::vector<double>>> times_of(const Winners& winners, Evaluator& judge,
                                                  const std::string& device) {
  std::vector<std::vector<double>> times_ns(winners.kernels.size());
  for (const Problem& problem : winners.problems) {
    for (size_t kernel = 0; kernel < winners.kernels.size(); ++kernel) {
      judge.ask({1, winners.kernels[kernel], problem, device, Evidence::screened, 0});
      const auto evaluation = judge.next();
      if (!evaluation) return tl::unexpected(evaluation.error());
      times_ns[kernel].push_back(evaluation->outcome == Outcome::ok
                                     ? evaluation->timing.median_ns
                                     : std::numeric_limits<double>::infinity());
    }
  }
  return times_ns;
}

std::string name_of(const Candidate& candidate) {
  return candidate.params.empty() ? candidate.kernel_name
                                  : candidate.kernel_name + ":" + canonical(candidate.params);
}

void print_people(const Winners& winners, const std::vector<std::vector<double>>& times_ns,
                  const std::vector<Dispatch>& all, const Dispatch& chosen) {
  constexpr auto kLeft = Table::Align::left, kRight = Table::Align::right;
  Table table({"problem", "kernel", "time", "loss"}, {kLeft, kLeft, kRight, kRight});
  for (size_t problem = 0; problem < winners.problems.size(); ++problem) {
    const size_t kernel = chosen.of_problem[problem];
    table.add({winners.problems[problem].canonical(), name_of(winners.kernels[kernel]),
               format_time(times_ns[kernel][problem]),
               fmt::format("{:.1f} %", 100 * chosen.losses[problem])});
  }
  fmt::print("{}\n", table.text());
  Table sizes({"kernels", "mean loss", "worst"}, {kRight, kRight, kRight});
  for (const Dispatch& each : all) {
    sizes.add({std::to_string(each.kernels.size()), fmt::format("{:.1f} %", 100 * each.mean_loss),
               fmt::format("{:.1f} %", 100 * each.worst_loss)});
  }
  fmt::print("{}", sizes.text());
}

nlohmann::json to_json(const Winners& winners, const Dispatch& chosen) {
  nlohmann::json table = nlohmann::json::array();
  for (size_t problem = 0; problem < winners.problems.size(); ++problem) {
    const Candidate& kernel = winners.kernels[chosen.of_problem[problem]];
    table.push_back({{"problem", winners.problems[problem]},
                     {"kernel", kernel.kernel_name},
                     {"params", kernel.params},
                     {"compiler", kernel.compiler},
                     {"loss", chosen.losses[problem]}});
  }
  return {{"kernels", chosen.kernels.size()},
          {"mean_loss", chosen.mean_loss},
          {"worst_loss", chosen.worst_loss},
          {"table", std::move(table)}};
}

int run_dispatch(const DispatchOptions& options, const GlobalOptions& global) {
  const auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  if (auto known = check_task(options.task, **store); !known) return report(known.error(), global);
  const auto winners = winners_of(**store, options.task);
  if (!winners) return report(winners.error(), global);
  const auto judge = JudgeClient::start({options.tasks, "", 0});
  if (!judge) return report(judge.error(), global);
  const auto times_ns = times_of(*winners, **judge, global.device);
  if (!times_ns) return report(times_ns.error(), global);
  const std::vector<Dispatch> all = dispatches(*times_ns);
  const Dispatch& chosen = within(all, options.loss_percent / 100);
  if (global.json) {
    fmt::print("{}\n", to_json(*winners, chosen).dump());
  } else {
    print_people(*winners, *times_ns, all, chosen);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<DispatchOptions>();
  app.add_option("task", options->task, "The task")->required();
  app.add_option("--loss", options->loss_percent,
                 "Percent that the table may lose, in the mean, against a kernel for each problem")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  app.footer(
      "Times the confirmed best kernel of every problem on every other problem, and says with how "
      "few of them the problems can be served.\nExamples:\n"
      "  kbench run matmul --problems shapes.json\n  kbench dispatch matmul --loss 2\n"
      "  kbench dispatch matmul --json > dispatch.json");
  return [options, &global] { return run_dispatch(*options, global); };
}

const bool kRegistered = commands().add(
    "dispatch", {"A few kernels for all problems of a task, and what that loses", declare});

}  // namespace

}  // namespace kbench
