#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/verdict.hpp"
#include "core/paths.hpp"
#include "core/process.hpp"
#include "harness/build.hpp"
#include "harness/environment.hpp"
#include "results/store.hpp"

namespace kbench {

namespace {

struct ShowOptions {
  int64_t id = 0;
  std::string tasks;
  bool source = false, assembly = false, samples = false;
};

// Compiles the stored source again and disassembles it.
Result<std::string> assembly_of(const StoredEvaluation& row, const std::string& tasks) {
  auto task = find_task(tasks_folder(tasks), row.evaluation.problem.task);
  if (!task) return tl::unexpected(task.error());
  auto compiler = make_cpp_compiler(cache_folder());
  CompiledImage image;
  const Candidate candidate{row.source, row.kernel_name, row.evaluation.params, row.language,
                            row.compiler};
  auto build = make_build(*compiler, candidate, *task, row.evaluation.problem, {},
                          device_bindings(this_cpu()), image);
  if (!build) {
    return tl::unexpected(Error{ErrorKind::rejected, build.error().message, row.kernel_name, {}});
  }
  ProcessSpec spec;
  spec.arguments = {"objdump", "-d", "-C", "--no-show-raw-insn", "-M", "intel", image.path};
  spec.output_limit_bytes = size_t{64} << 20;
  auto ran = run_process(spec);
  if (!ran) return tl::unexpected(ran.error());
  if (ran->exit_code != 0) {
    return environment_error("objdump cannot disassemble it: " + ran->err, image.path,
                             "it is part of binutils");
  }
  // Before that stands the name of a file of the cache.
  const size_t begin = ran->out.find("Disassembly");
  return begin == std::string::npos ? std::move(ran->out) : ran->out.substr(begin);
}

nlohmann::json json_of(const StoredEvaluation& row) {
  nlohmann::json json = {{"id", row.id},
                         {"campaign", row.campaign},
                         {"when", row.when},
                         {"kernel", row.kernel_name},
                         {"language", row.language},
                         {"compiler", row.compiler},
                         {"command", row.command},
                         {"parent", row.parent},
                         {"source", row.source},
                         {"evaluation", row.evaluation},
                         {"held_out", row.held_out}};
  if (row.against_anchor) json["against_anchor"] = *row.against_anchor;
  if (row.against_incumbent) json["against_incumbent"] = *row.against_incumbent;
  if (row.shrinkage) json["shrinkage"] = *row.shrinkage;
  return json;
}

void show_all(const StoredEvaluation& row) {
  fmt::print("evaluation {} of campaign {}, {}\n", row.id, row.campaign, row.when);
  fmt::print("{}", verdict_text(row.evaluation, std::filesystem::path(row.kernel_name).filename()));
  auto comparison = [](const char* label, const std::optional<Comparison>& against) {
    if (!against) return;
    fmt::print("  {:<10} {} ({} launches, {} pairs)\n", label, comparison_text(*against),
               against->launches, against->pairs);
  };
  comparison("anchor", row.against_anchor);
  comparison("best then", row.against_incumbent);
  if (row.shrinkage)
    fmt::print("  shrinkage  {:+.1f} % from screen to confirmation\n", 100 * *row.shrinkage);
  for (const Problem& problem : row.held_out) fmt::print("  held out   {}\n", problem.canonical());
  if (row.parent > 0) fmt::print("  parent     {}\n", row.parent);
  fmt::print("  repeat     {}\n", row.command);
}

int run_show(const ShowOptions& options, const GlobalOptions& global) {
  auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  auto row = (*store)->evaluation(options.id);
  if (!row) return report(row.error(), global);
  if (!*row) {
    return report(
        {ErrorKind::bad_input, "no evaluation " + std::to_string(options.id), global.database,
         "'kbench leaderboard' and 'kbench campaigns' list what there is"},
        global);
  }
  const StoredEvaluation& found = **row;
  if (options.assembly) {
    auto text = assembly_of(found, options.tasks);
    if (!text) return report(text.error(), global);
    fmt::print("{}", global.json
                         ? nlohmann::json{{"id", found.id}, {"assembly", *text}}.dump() + "\n"
                         : *text);
  } else if (global.json) {
    fmt::print("{}\n", json_of(found).dump());
  } else if (options.source) {
    fmt::print("{}", found.source);
  } else if (options.samples) {
    for (const double ns : found.evaluation.timing.samples_ns) fmt::print("{:.1f}\n", ns);
  } else {
    show_all(found);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<ShowOptions>();
  app.add_option("id", options->id, "The evaluation")->required()->check(whole_number(1));
  auto* source = app.add_flag("--source", options->source, "Only the kernel's source");
  auto* assembly = app.add_flag("--asm", options->assembly, "Only its machine code");
  auto* samples = app.add_flag("--samples", options->samples, "Only the samples in ns, one a line");
  app.add_option("--tasks", options->tasks, "Folder of tasks, for --asm");
  source->excludes(assembly)->excludes(samples);
  assembly->excludes(samples);
  app.footer("Examples:\n  kbench show 12\n  kbench show 12 --asm | less");
  return [options, &global] { return run_show(*options, global); };
}

const bool kRegistered = commands().add("show", {"Everything known about one result", declare});

}  // namespace

}  // namespace kbench
