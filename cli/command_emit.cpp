#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "core/text.hpp"
#include "harness/environment.hpp"
#include "harness/header_line.hpp"
#include "results/report.hpp"

namespace kbench {

namespace {

struct EmitOptions {
  std::string task, problem, output, tasks;
  bool force = false;
};

std::string guarded(const std::string& name, std::string_view value) {
  return fmt::format("#ifndef {0}\n#define {0} {1}\n#endif\n", name, value);
}

// The header with only the chosen value of each param left: still a kernel file, of one candidate.
Result<std::string> narrowed(const std::string& source, const Params& params) {
  const auto headers = header_lines(source, "");
  if (!headers) return tl::unexpected(headers.error());
  std::vector<std::string> lines = split(source, '\n');
  for (const HeaderLine& header : *headers) {
    std::string& line = lines[static_cast<size_t>(header.number) - 1];
    if (header.key == "param") {
      const std::string name(words(header.rest)[0]);
      line = fmt::format("// kbench: param    {} {}", name, params.at(name));
    } else if (header.key == "flags") {
      line = "// kbench: flags    " + params.at("FLAGS");
    }
  }
  return join(lines, "\n");
}

// Compiled elsewhere, macros stand in for what kbench passes to the compiler. They come after the
// header, which must be the first thing in a kernel file.
Result<std::string> emitted_text(const LeaderboardRow& best, const StoredEvaluation& row,
                                 const Task& task) {
  const Speedup speedup = speedup_of(best);
  const Params& params = row.evaluation.params;
  std::string about = fmt::format(
      "// kbench evaluation {} of {}\n// on {}\n"
      "// {} per call, {:.2f} times as fast as {} [{:.2f}, {:.2f}], measured on\n// {}.\n"
      "// Built by {} with {}; kbench.h lies in harness/include.\n",
      best.evaluation_id, best.when, best.problem, format_time(best.median_ns), speedup.value,
      best.anchor, speedup.low, speedup.high, best.device_model, row.evaluation.compiler,
      params.contains("FLAGS") ? params.find("FLAGS")->second : "-O3");
  for (const auto& [name, value] : params) {
    if (name != "FLAGS") about += guarded(name, value);
  }
  const auto kernel = parse_kernel_file(row.source, row.kernel_name);
  if (!kernel) return tl::unexpected(kernel.error());
  Bindings names = device_bindings(this_cpu());
  names.merge(integers(params));
  for (const auto& [dim, value] : row.evaluation.problem.dims) names[dim] = value;
  for (const auto& [name, expression] : kernel->defines) {
    const auto value = expression.eval(names);
    if (!value) return tl::unexpected(value.error());
    about += guarded(name, std::to_string(*value));
  }
  const Variant* variant = task.variant(row.evaluation.problem.variant);
  for (const auto& [tensor, dtype] : variant->dtypes) {
    about += guarded(tensor + "_t", cpp_name_of(dtype));
  }
  auto source = narrowed(row.source, params);
  if (!source) return source;
  const auto headers = header_lines(*source, "");
  std::vector<std::string> lines = split(*source, '\n');
  const int last = headers && !headers->empty() ? headers->back().number : 0;
  lines.insert(lines.begin() + last, about);
  return join(lines, "\n");
}

Result<LeaderboardRow> best_of(const Store& store, const std::string& task,
                               const std::string& problem) {
  auto rows = leaderboard(store, task);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<std::string> known;
  for (const LeaderboardRow& row : *rows) {
    if (row.rank == 1 && (problem.empty() || row.problem == problem)) return row;
    if (row.rank == 1) known.push_back(row.problem);
  }
  return bad_input(
      "there is no confirmed kernel of " + task + (problem.empty() ? "" : " on " + problem), {},
      known.empty() ? "'kbench run " + task + "' looks for one"
                    : "there are on: " + join(known, "; "));
}

Result<void> write_new(const std::string& path, const std::string& text, bool force) {
  if (std::filesystem::exists(path) && !force) {
    return bad_input("the file exists", path, "--force overwrites it");
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (file.flush()) return {};
  return environment_error("cannot write the kernel", path,
                           "is the folder there, writable, and the disk not full?");
}

int run_emit(const EmitOptions& options, const GlobalOptions& global) {
  auto task = find_task(tasks_folder(options.tasks), options.task);
  if (!task) return report(task.error(), global);
  std::string wanted;
  if (!options.problem.empty()) {
    auto problem = parse_problem(*task, options.problem);
    if (!problem) return report(problem.error(), global);
    wanted = problem->canonical();
  }
  auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  auto best = best_of(**store, options.task, wanted);
  if (!best) return report(best.error(), global);
  auto row = (*store)->evaluation(best->evaluation_id);
  if (!row) return report(row.error(), global);
  auto text = emitted_text(*best, **row, *task);
  if (!text) return report(text.error(), global);
  if (!options.output.empty()) {
    if (auto written = write_new(options.output, *text, options.force); !written) {
      return report(written.error(), global);
    }
  }
  if (global.json) {
    fmt::print("{}\n", nlohmann::json{{"evaluation_id", best->evaluation_id},
                                      {"task", best->task},
                                      {"problem", best->problem},
                                      {"kernel", best->kernel_name},
                                      {"params", (*row)->evaluation.params},
                                      {"median_ns", best->median_ns},
                                      {"output", options.output},
                                      {"source", *text}}
                           .dump());
  } else if (options.output.empty()) {
    fmt::print("{}", *text);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<EmitOptions>();
  app.add_option("task", options->task, "The task")->required();
  app.add_option("--problem", options->problem,
                 "Which of its problems; the first of the leaderboard otherwise");
  app.add_option("-o,--output", options->output, "The file; standard output otherwise");
  app.add_flag("--force", options->force, "Overwrite the file");
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  app.footer(
      "The file is a kernel file of one candidate, which 'kbench eval' judges, and compiles "
      "elsewhere with kbench.h.\nExamples:\n  kbench emit softmax -o best.cpp\n"
      "  kbench emit matmul --problem m=256,n=256,k=256 -o matmul_256.cpp");
  return [options, &global] { return run_emit(*options, global); };
}

const bool kRegistered =
    commands().add("emit", {"Take the best kernel away, its params baked in", declare});

}  // namespace

}  // namespace kbench
