#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
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
  bool source = false, assembly = false, samples = false;
};

// Compiles the stored source again and disassembles it.
int show_assembly(const StoredEvaluation& row, const GlobalOptions& global) {
  auto task = find_task(data_root() + "/tasks", row.evaluation.problem.task);
  if (!task) return report(task.error(), global);
  auto compiler = make_cpp_compiler(cache_folder());
  CompiledImage image;
  const Candidate candidate{row.source, row.kernel_name, row.evaluation.params, row.language, ""};
  auto build = make_build(*compiler, candidate, *task, row.evaluation.problem, {},
                          device_bindings(this_cpu()), image);
  if (!build) return report({ErrorKind::rejected, build.error().message, {}, {}}, global);
  ProcessSpec spec;
  spec.arguments = {"objdump", "-d", "-C", "--no-show-raw-insn", "-M", "intel", image.path};
  spec.output_limit_bytes = size_t{64} << 20;
  auto ran = run_process(spec);
  if (!ran) return report(ran.error(), global);
  fmt::print("{}", ran->out);
  return 0;
}

void show_all(const StoredEvaluation& row) {
  fmt::print("{} {} of campaign {}\n", row.when, row.id, row.campaign);
  fmt::print("{}", verdict_text(row.evaluation, std::filesystem::path(row.kernel_name).filename()));
  if (row.against_anchor) fmt::print("  anchor     {}\n", comparison_text(*row.against_anchor));
  if (row.against_incumbent)
    fmt::print("  incumbent  {}\n", comparison_text(*row.against_incumbent));
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
    return report({ErrorKind::bad_input, "no evaluation " + std::to_string(options.id),
                   global.database, "kbench leaderboard lists confirmed ones"},
                  global);
  }
  if (options.source) {
    fmt::print("{}", (*row)->source);
  } else if (options.assembly) {
    return show_assembly(**row, global);
  } else if (options.samples) {
    for (const double ns : (*row)->evaluation.timing.samples_ns) fmt::print("{:.1f}\n", ns);
  } else if (global.json) {
    fmt::print("{}\n", nlohmann::json{{"id", (*row)->id},
                                      {"campaign", (*row)->campaign},
                                      {"when", (*row)->when},
                                      {"kernel", (*row)->kernel_name},
                                      {"command", (*row)->command},
                                      {"parent", (*row)->parent},
                                      {"source", (*row)->source},
                                      {"evaluation", (*row)->evaluation}}
                           .dump());
  } else {
    show_all(**row);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<ShowOptions>();
  app.add_option("id", options->id, "The evaluation")->required();
  auto* source = app.add_flag("--source", options->source, "Only the kernel's source");
  auto* assembly = app.add_flag("--asm", options->assembly, "Only its machine code");
  auto* samples = app.add_flag("--samples", options->samples, "Only the samples in ns, one a line");
  source->excludes(assembly)->excludes(samples);
  assembly->excludes(samples);
  app.footer("Examples:\n  kbench show 12\n  kbench show 12 --asm | less");
  return [options, &global] { return run_show(*options, global); };
}

const bool registered = commands().add("show", {"Everything known about one result", declare});

}  // namespace

}  // namespace kbench
