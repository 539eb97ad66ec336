#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/command.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "results/report.hpp"

namespace kbench {

namespace {

struct EmitOptions {
  std::string task, problem, output;
  bool force = false;
};

// The stored source with its params as macros and what was measured in a comment.
std::string emitted_text(const LeaderboardRow& best, const StoredEvaluation& row) {
  const Speedup speedup = speedup_of(best);
  std::string text = fmt::format(
      "// {} on {}, taken from kbench evaluation {} of {}.\n"
      "// {} there, {:.2f} times as fast as {} [{:.2f}, {:.2f}], measured on {}.\n"
      "// Compile with {} {}; kbench.h lies in harness/include.\n"
      "// Judge again: {}\n",
      best.task, best.problem, best.evaluation_id, best.when, format_time(best.median_ns),
      speedup.value, best.anchor, speedup.low, speedup.high, best.device_model,
      row.evaluation.compiler,
      row.evaluation.params.contains("FLAGS") ? row.evaluation.params.find("FLAGS")->second : "-O3",
      row.command);
  for (const auto& [name, value] : row.evaluation.params) {
    if (name != "FLAGS") text += fmt::format("#define {} {}\n", name, value);
  }
  auto task = find_task(data_root() + "/tasks", best.task);
  const Variant* variant = task ? task->variant(row.evaluation.problem.variant) : nullptr;
  if (variant != nullptr) {
    for (const auto& [tensor, dtype] : variant->dtypes) {
      text += fmt::format("#define {}_t {}\n", tensor, cpp_name_of(dtype));
    }
  }
  return text + "\n" + row.source;
}

Result<LeaderboardRow> best_of(const Store& store, const EmitOptions& options) {
  auto rows = leaderboard(store, options.task);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<std::string> known;
  for (const LeaderboardRow& row : *rows) {
    if (row.rank == 1 &&
        (options.problem.empty() || row.problem.find(options.problem) != std::string::npos)) {
      return row;
    }
    known.push_back(row.problem);
  }
  return bad_input(
      "no confirmed kernel of " + options.task +
          (options.problem.empty() ? "" : " on " + options.problem),
      {}, known.empty() ? "kbench run " + options.task : suggestion(options.problem, known));
}

int run_emit(const EmitOptions& options, const GlobalOptions& global) {
  auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  EmitOptions wanted = options;
  if (!options.problem.empty()) {
    auto task = find_task(data_root() + "/tasks", options.task);
    if (!task) return report(task.error(), global);
    auto problem = parse_problem(*task, options.problem);
    if (!problem) return report(problem.error(), global);
    wanted.problem = problem->canonical();
  }
  auto best = best_of(**store, wanted);
  if (!best) return report(best.error(), global);
  auto row = (*store)->evaluation(best->evaluation_id);
  if (!row) return report(row.error(), global);
  const std::string text = emitted_text(*best, **row);
  if (options.output.empty()) {
    fmt::print("{}", text);
    return 0;
  }
  if (std::filesystem::exists(options.output) && !options.force) {
    return report(
        {ErrorKind::bad_input, "the file exists", options.output, "--force overwrites it"}, global);
  }
  std::ofstream file(options.output, std::ios::binary);
  file << text;
  if (!file.flush()) {
    return report({ErrorKind::environment, "cannot write the kernel", options.output, {}}, global);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<EmitOptions>();
  app.add_option("task", options->task, "The task")->required();
  app.add_option("--problem", options->problem,
                 "Which of its problems; the first ranked otherwise");
  app.add_option("-o,--output", options->output, "The file; standard output otherwise");
  app.add_flag("--force", options->force, "Overwrite the file");
  app.footer("Example:\n  kbench emit softmax -o best.cpp");
  return [options, &global] { return run_emit(*options, global); };
}

const bool registered =
    commands().add("emit", {"Take the best kernel away, its params baked in", declare});

}  // namespace

}  // namespace kbench
