#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "backends/device.hpp"
#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/verdict.hpp"
#include "harness/judge_server.hpp"

namespace kbench {

namespace {

struct EvalOptions {
  std::string kernel, task, problem, params, compiler, tasks;
  uint64_t input_seed = 0;
};

int run_eval(const EvalOptions& options, const GlobalOptions& global) {
  const auto device = parse_device(global.device);
  if (!device) return report(device.error(), global);
  if (auto known = check_compiler(options.compiler); !known) return report(known.error(), global);
  auto task = task_for(options.kernel, options.task, tasks_folder(options.tasks));
  if (!task) return report(task.error(), global);
  auto problem = parse_problem(*task, options.problem);
  if (!problem) return report(problem.error(), global);
  if (auto fits = check_threads(*problem); !fits) return report(fits.error(), global);
  const std::string text = options.kernel + (options.params.empty() ? "" : ":" + options.params);
  auto candidate = candidate_of(text, &*task, problem->variant, *device);
  if (!candidate) return report(candidate.error(), global);
  candidate->compiler = options.compiler;

  auto judge = JudgeClient::start({options.tasks, "", options.input_seed});
  if (!judge) return report(judge.error(), global);
  (*judge)->ask({1, *candidate, *problem, global.device, Evidence::screened, 0});
  auto evaluation = (*judge)->next();
  if (!evaluation) return report(evaluation.error(), global);
  if (global.json) {
    fmt::print("{}\n", nlohmann::json(*evaluation).dump());
  } else {
    fmt::print("{}", verdict_text(*evaluation, candidate->kernel_name));
  }
  switch (evaluation->outcome) {
    case Outcome::ok:
      return 0;
    case Outcome::internal_error:
      return static_cast<int>(ErrorKind::environment);
    default:
      return static_cast<int>(ErrorKind::rejected);
  }
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<EvalOptions>();
  app.add_option("kernel", options->kernel, "A kernel file, one of reference_kernels/, or 'naive'")
      ->required();
  app.add_option("--task", options->task, "The task, where the file does not say it");
  app.add_option("--problem", options->problem, "Such as rows=4096,cols=1024,cache=cold");
  app.add_option("--params", options->params, "Such as BLOCK=64,FLAGS=-O3; defaults otherwise");
  app.add_option("--compiler", options->compiler, "g++ or clang++");
  app.add_option(
         "--device", global.device,
         "What runs it: cpu; opencl or opencl:1; a GPU, cuda:0 or hip:0; emulated, which proves "
         "cuda and hip kernels right; or cuda:sm_90, hip:gfx90a, which compile only")
      ->capture_default_str();
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  app.add_option("--input-seed", options->input_seed, "Seed of the inputs; 0: from the system")
      ->check(whole_number(0));
  app.footer(
      "Judges one kernel: verdict, time, share of the roofline, what to fix. Exit code 1 when "
      "the judge says no.\nExamples:\n"
      "  kbench eval my_softmax.cpp\n"
      "  kbench eval my_softmax.cpp --params BLOCK=64 --problem rows=4096,cols=1000\n"
      "  kbench eval naive --task matmul\n"
      "  kbench eval my_softmax.cl --device opencl\n"
      "  kbench eval my_softmax.cu --device emulated\n"
      "  kbench eval my_softmax.cu --device cuda:sm_90");
  return [options, &global] { return run_eval(*options, global); };
}

const bool kRegistered =
    commands().add("eval", {"Judge one kernel: right or wrong, how fast, what to fix", declare});

}  // namespace

}  // namespace kbench
