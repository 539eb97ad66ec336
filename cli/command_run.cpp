#include <fmt/core.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "cli/command.hpp"
#include "cli/run_report.hpp"
#include "cli/sources.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "harness/environment.hpp"
#include "harness/judge_server.hpp"
#include "search/campaign.hpp"

namespace kbench {

namespace {

struct RunOptions {
  std::vector<std::string> targets;  // tasks or kernel files
  std::string problem, strategy = "genetic", budget = "30s", tasks, compiler;
  std::vector<std::string> strategy_options;
  uint64_t seed = 1;
  int64_t resume = 0;
  bool quiet = false;
};

std::atomic<bool> stop_requested{false};

void request_stop(int) {
  if (stop_requested.exchange(true)) _exit(static_cast<int>(ErrorKind::interrupted));
}

// The naive kernel first, which is the anchor, then the user's file or the task's starting kernels.
Result<std::vector<SearchKernel>> kernels_for(const Task& task, const Problem& problem,
                                              const std::string& own_file,
                                              const std::string& compiler) {
  auto naive = naive_kernel_of(task, problem.variant);
  if (!naive) return tl::unexpected(naive.error());
  std::vector<NamedKernel> named = {std::move(*naive)};
  if (own_file.empty()) {
    auto others = starting_kernels(task, problem.variant, "cpp", false);
    if (!others) return tl::unexpected(others.error());
    named.insert(named.end(), others->begin(), others->end());
  } else {
    auto file = read_kernel_file(own_file);
    if (!file) return tl::unexpected(file.error());
    named.push_back({std::move(*file), own_file});
  }
  std::vector<SearchKernel> kernels;
  const Bindings dims(problem.dims.begin(), problem.dims.end());
  for (NamedKernel& kernel : named) {
    auto space = Space::build(kernel.file, dims, device_bindings(this_cpu()));
    if (!space) return tl::unexpected(space.error());
    kernels.push_back({std::move(kernel.file), std::move(*space), "cpp", compiler});
  }
  return kernels;
}

struct Job {
  Task task;
  std::string own_file;
};

Result<Job> job_of(const std::string& target, const RunOptions& options) {
  const std::string folder = options.tasks.empty() ? data_root() + "/tasks" : options.tasks;
  if (target.find('.') == std::string::npos && target.find('/') == std::string::npos) {
    auto task = find_task(folder, target);
    if (!task) return tl::unexpected(task.error());
    return Job{std::move(*task), ""};
  }
  auto kernel = read_kernel_file(target);
  if (!kernel) return tl::unexpected(kernel.error());
  auto task = find_task(folder, kernel->task);
  if (!task) return tl::unexpected(task.error());
  return Job{std::move(*task), target};
}

Result<CampaignSetup> setup_of(const Job& job, const RunOptions& options,
                               const std::vector<std::string>& compilers) {
  CampaignSetup setup;
  auto problem = parse_problem(job.task, options.problem);
  if (!problem) return tl::unexpected(problem.error());
  setup.problem = *problem;
  auto kernels = kernels_for(job.task, *problem, job.own_file, options.compiler);
  if (!kernels) return tl::unexpected(kernels.error());
  setup.kernels = std::move(*kernels);
  setup.strategy = options.strategy;
  auto given = split_options(options.strategy_options);
  if (!given) return tl::unexpected(given.error());
  setup.options = std::move(*given);
  auto budget = parse_budget(options.budget);
  if (!budget) return tl::unexpected(budget.error());
  setup.budget = *budget;
  setup.seed = options.seed;
  setup.device_model = this_cpu().model;
  setup.judge_version = kJudgeVersion;
  setup.environment_json = environment(compilers).dump();
  setup.command = "kbench run " + (job.own_file.empty() ? job.task.name : job.own_file) +
                  " --problem '" + problem->canonical() + "' --strategy " + options.strategy +
                  " --budget " + options.budget + " --seed " + std::to_string(options.seed);
  setup.repeat_command = [problem = *problem, own = job.own_file](const Candidate& candidate) {
    const bool naive = candidate.kernel_name == "naive";
    return repeat_command(candidate, problem,
                          naive         ? ""
                          : own.empty() ? candidate.kernel_name
                                        : own);
  };
  return setup;
}

// One campaign from set-up to its table; the exit code.
int run_one(const Job& job, const RunOptions& options, const GlobalOptions& global, Store& store) {
  auto judge = JudgeClient::start({options.tasks, "", 0});
  if (!judge) return report(judge.error(), global);
  const std::vector<std::string> compilers = {"g++", "clang++"};
  auto setup = setup_of(job, options, compilers);
  if (!setup) return report(setup.error(), global);
  RunReport progress(job.task, *setup, global.json, options.quiet);
  Result<CampaignResult> result = bad_input("");
  if (options.resume > 0) {
    auto record = store.campaign(options.resume);
    if (!record) return report(record.error(), global);
    if (!*record) {
      return report({ErrorKind::bad_input,
                     "no campaign " + std::to_string(options.resume),
                     {},
                     "kbench campaigns lists them"},
                    global);
    }
    if (auto same = restore(**record, *setup); !same) return report(same.error(), global);
    result = resume_campaign(**record, *setup, **judge, store, progress, stop_requested);
  } else {
    result = run_campaign(*setup, **judge, store, progress, stop_requested);
  }
  if (!result) return report(result.error(), global);
  progress.finish(*result, global.database);
  return stop_requested ? static_cast<int>(ErrorKind::interrupted) : 0;
}

int run(const RunOptions& options, const GlobalOptions& global) {
  std::vector<Job> jobs;
  auto store = Store::open(global.database, OpenMode::read_write);
  if (!store) return report(store.error(), global);
  std::vector<std::string> targets = options.targets;
  if (options.resume > 0) {
    auto record = (*store)->campaign(options.resume);
    if (record && *record) targets = {(*record)->task};
  }
  if (targets.empty()) {
    return report({ErrorKind::bad_input,
                   "nothing to run",
                   {},
                   "name a task ('kbench tasks' lists them) or a kernel file"},
                  global);
  }
  for (const std::string& target : targets) {
    auto job = job_of(target, options);
    if (!job) return report(job.error(), global);
    jobs.push_back(std::move(*job));
  }
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::signal(SIGPIPE, SIG_IGN);
  for (const Job& job : jobs) {
    if (const int code = run_one(job, options, global, **store); code != 0) return code;
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<RunOptions>();
  app.add_option("targets", options->targets, "Tasks, or kernel files of your own");
  app.add_option("--problem", options->problem,
                 "Such as m=1024,n=1024,k=1024 or rows=64,cache=cold");
  app.add_option("--strategy", options->strategy, "How to search")->capture_default_str();
  app.add_option("--option", options->strategy_options, "name=value of the strategy; repeatable");
  app.add_option("--budget", options->budget, "Such as 30s, 2m, 500evals, or several with commas")
      ->capture_default_str();
  app.add_option("--seed", options->seed, "Of the search")->capture_default_str();
  app.add_option("--compiler", options->compiler, "g++ or clang++; the first found otherwise");
  app.add_option("--resume", options->resume, "Goes on with a campaign by its number");
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  app.add_flag("--quiet", options->quiet, "Only the final table");
  app.footer(
      "Tunes kernels: compiles, proves right, times, searches; confirms the best in paired "
      "comparisons; keeps everything.\nExamples:\n"
      "  kbench run softmax --budget 30s\n"
      "  kbench run matmul --problem m=1024,n=1024,k=1024 --strategy genetic --budget 500evals "
      "--seed 7\n"
      "  kbench run my_kernel.cpp --budget 2m\n"
      "  kbench run --resume 3");
  return [options, &global] { return run(*options, global); };
}

const bool registered =
    commands().add("run", {"Search for a faster kernel of an operator", declare});

}  // namespace

}  // namespace kbench
