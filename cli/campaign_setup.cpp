#include "cli/campaign_setup.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "backends/host_compiler.hpp"
#include "cli/model_setup.hpp"
#include "cli/sources.hpp"
#include "core/text.hpp"
#include "harness/call_energy.hpp"
#include "harness/environment.hpp"
#include "search/strategy.hpp"
#include "search/warm_start.hpp"

namespace kbench {

namespace {

// A kernel file is told from a task by a dot or a slash, which no task has in its name.
bool is_file(const std::string& target) {
  return target.find_first_of("./") != std::string::npos;
}

// The naive kernel first, which is the anchor, then the user's file or the task's starting kernels.
// A GPU has no naive kernel: there the first starting kernel is the anchor.
Result<std::vector<KernelFile>> files_for(const Task& task, const std::string& variant,
                                          const std::string& own_file, const Device& device,
                                          bool models) {
  std::vector<KernelFile> files;
  if (!device.is_gpu()) {
    auto naive = load_kernel("naive", &task, variant);
    if (!naive) return tl::unexpected(naive.error());
    files.push_back(std::move(*naive));
  }
  auto others = starting_kernels(task, variant, device.languages().front(), false);
  if (!others) return tl::unexpected(others.error());
  const bool whole = own_file.empty() && !models;  // what models write shall be theirs
  if (!whole && others->size() > 1) others->resize(1);
  if (whole || device.is_gpu()) files.insert(files.end(), others->begin(), others->end());
  if (!own_file.empty()) {
    auto file = load_kernel(own_file, &task, variant);
    if (!file) return tl::unexpected(file.error());
    files.push_back(std::move(*file));
  }
  return files;
}

// The part of a setup that follows from problem, kernels and compiler. `tasks` as --tasks has it.
Result<void> fill_setup(CampaignSetup& setup, const Task& task, std::vector<KernelFile> files,
                        const std::string& compiler, const std::string& tasks,
                        const Device& device) {
  setup.device = device.name;
  const Bindings dims(setup.problem.dims.begin(), setup.problem.dims.end());
  for (KernelFile& file : files) {
    const std::string language = device.language_among(file.languages);
    auto space = Space::build(file, dims, bindings_of(device, language));
    if (!space) return tl::unexpected(space.error());
    setup.kernels.push_back({std::move(file), std::move(*space), language,
                             language == "cpp" ? compiler : std::string()});
  }
  const std::string host = device.is_gpu() ? "host-" + device.languages().front() : "cpp";
  auto vendors = starting_kernels(task, setup.problem.variant, host, true);
  if (!vendors) return tl::unexpected(vendors.error());
  for (const KernelFile& vendor : *vendors) {
    setup.baselines.push_back(candidate_of(vendor, vendor.defaults()));
    setup.baselines.back().compiler = compiler;
  }
  Conditions reuse{this_cpu().model, kJudgeVersion, "", "", task_hash(task)};
  for (const HostCompiler& found : host_compilers()) {
    if (found.name != compiler) continue;
    reuse.compiler = found.version;
    reuse.target = found.target;
  }
  setup.environment_json = campaign_environment(reuse.task_hash);
  // What is compared there is g++ or clang++, not the drivers of other devices.
  if (device.kind == Device::Kind::cpu) setup.reuse = std::move(reuse);
  setup.repeat_command = [tasks, name = device.name](const Candidate& candidate,
                                                     const Problem& problem) {
    const std::string command = repeat_command(candidate, problem, tasks);
    return name == "cpu" ? command : command + " --device " + name;
  };
  return {};
}

// The problem of the strategy's option `smaller`, which says what dims of the campaign's are
// others. Every configuration must be valid there as well: one that is not would never be measured
// whole.
Result<void> add_smaller(CampaignSetup& setup, const Task& task) {
  const auto given = setup.options.find("smaller");
  if (given == setup.options.end() || given->second.empty()) return {};
  const std::string where = "--option smaller=" + given->second;
  auto smaller = parse_problem(task, given->second, setup.problem);
  auto placed = [&](Error error) {
    error.where = where + (error.where.empty() ? "" : ": ") + error.where;
    return tl::unexpected(std::move(error));
  };
  if (!smaller) return placed(smaller.error());
  Problem same_dims = *smaller;
  same_dims.dims = setup.problem.dims;
  if (same_dims != setup.problem) {
    return bad_input("only dims may be others than the campaign's", where,
                     "its problem is " + setup.problem.canonical());
  }
  if (work_of(task, *smaller) >= work_of(task, setup.problem)) {
    return bad_input("it is no smaller than the campaign's problem", where,
                     "which is " + setup.problem.canonical());
  }
  const Device device = *parse_device(setup.device);
  const Bindings dims(smaller->dims.begin(), smaller->dims.end());
  for (const SearchKernel& kernel : setup.kernels) {
    auto space = Space::build(kernel.file, dims, bindings_of(device, kernel.language));
    if (!space) return placed(space.error());
    if (space->size() < kernel.space.size()) {
      return bad_input(fmt::format("{} has {} valid configurations there, {} on the campaign's own",
                                   kernel.file.name, space->size(), kernel.space.size()),
                       where, "choose dims on which the kernel's constraints refuse no more");
    }
  }
  setup.smaller = std::move(*smaller);
  return {};
}

// Its kernels would be judged by other rules than those before.
Result<void> check_unchanged(const Task& task, const CampaignRecord& record,
                             const std::string& where) {
  const auto about = nlohmann::json::parse(record.environment_json, nullptr, false);
  if (about.is_object() && about.value("task_hash", "") == task_hash(task)) return {};
  return bad_input("its task " + task.name + " has changed since", where,
                   "put the old files back into " + task.folder + ", or start a new campaign");
}

Result<Budget> budget_of(const RunOptions& options) {
  auto budget = parse_budget(options.budget);
  if (!budget) return budget;
  const bool models = !options.models.models.empty();
  if ((budget->nano_usd || budget->proposals) && !models) {
    return bad_input("a budget of money or proposals is for models", "--budget", "name a --model");
  }
  if (models && !options.budget_given) {
    return bad_input("models need a budget", "--model", "such as --budget 5usd or 20proposals");
  }
  return budget;
}

Result<void> fits_models(const CampaignSetup& setup) {
  if (!setup.objectives.empty()) {
    return bad_input("models search for time alone", "--objectives", "leave out --model");
  }
  if (!(*strategies().find(setup.strategy))->in_parts) return {};
  return bad_input("with models every measurement is a whole one", "--strategy",
                   setup.strategy + " measures in parts; leave out --model");
}

Result<CampaignSetup> setup_of(const Task& task, const Problem& problem, const std::string& target,
                               const RunOptions& options) {
  CampaignSetup setup;
  setup.problem = problem;
  setup.strategy = options.record.empty() ? options.strategy : "exhaustive";
  setup.seed = options.seed;
  auto given = split_options(options.strategy_options);
  if (!given) return tl::unexpected(given.error());
  setup.options = std::move(*given);
  auto objectives = parse_objectives(options.objectives);
  if (!objectives) return tl::unexpected(objectives.error());
  setup.objectives = std::move(*objectives);
  if (!options.warm.empty() && options.warm != kWarmFromStore) {
    const auto elsewhere = read_recorded_space(options.warm);
    if (!elsewhere) return tl::unexpected(elsewhere.error());
    setup.first = fastest_of(*elsewhere, kWarm);
  }
  const bool models = !options.models.models.empty();
  const bool limited = options.record.empty() || options.budget_given;
  if (limited) {
    auto budget = budget_of(options);
    if (!budget) return tl::unexpected(budget.error());
    setup.budget = *budget;
  }
  if (!options.record.empty()) setup.confirm_every = 0;  // nothing to gain on the way
  setup.full_screens = !options.record.empty();
  const auto device = parse_device(options.device);
  if (!device) return tl::unexpected(device.error());
  if (!device->times()) {
    return bad_input("a search needs times, and device " + device->name + " gives none", "--device",
                     "cpu, opencl and a GPU (cuda:0) do; 'kbench eval' judges single kernels");
  }
  if (has_energy(setup.objectives) && !may_count_energy(*device)) {
    return bad_input("this machine counts no energy, or not for this user", "--objectives",
                     "Linux's /sys/class/powercap must be there and readable; leave out energy");
  }
  auto files = files_for(task, problem.variant, is_file(target) ? target : "", *device, models);
  if (!files) return tl::unexpected(files.error());
  if (auto filled =
          fill_setup(setup, task, std::move(*files), options.compiler, options.tasks, *device);
      !filled) {
    return tl::unexpected(filled.error());
  }
  auto strategy = make_strategy(setup.strategy, setup.options, setup.kernels[0].space, setup.seed);
  if (!strategy) return tl::unexpected(strategy.error());
  if (auto added = add_smaller(setup, task); !added) return tl::unexpected(added.error());
  if (auto fits = models ? fits_models(setup) : Result<void>(); !fits) {
    return tl::unexpected(fits.error());
  }

  setup.command =
      "kbench run " + shell_word(target) + " --problem " + shell_word(problem.canonical());
  setup.command += options.record.empty() ? " --strategy " + options.strategy
                                          : " --record " + shell_word(options.record);
  for (const std::string& option : options.strategy_options) {
    setup.command += " --option " + shell_word(option);
  }
  if (!setup.objectives.empty()) setup.command += " --objectives " + options.objectives;
  if (!options.warm.empty()) setup.command += " --warm " + shell_word(options.warm);
  if (limited) setup.command += " --budget " + options.budget;
  if (device->kind != Device::Kind::cpu) setup.command += " --device " + device->name;
  setup.command += " --seed " + std::to_string(options.seed);
  setup.command += " --compiler " + options.compiler;
  if (models) setup.command += command_of(options.models);
  if (!options.tasks.empty()) setup.command += " --tasks " + shell_word(options.tasks);
  return setup;
}

Result<std::vector<Problem>> problems_of(const Task& task, const RunOptions& options) {
  std::vector<Problem> problems;
  for (const std::string& text : options.problems) {
    auto problem = parse_problem(task, text);
    if (!problem) return tl::unexpected(problem.error());
    problems.push_back(std::move(*problem));
  }
  if (!options.problems_file.empty()) {
    auto listed = read_problems(options.problems_file, task);
    if (!listed) return listed;
    problems.insert(problems.end(), listed->begin(), listed->end());
  }
  if (problems.empty()) {
    auto problem = parse_problem(task, "");
    if (!problem) return tl::unexpected(problem.error());
    problems.push_back(std::move(*problem));
  }
  return problems;
}

// Error messages of what is looked up by a recorded name.
Result<KernelFile> recorded_kernel(const nlohmann::json& recorded, const Task& task,
                                   const std::string& variant, const std::string& where) {
  const std::string name = recorded.at("name");
  auto file = load_kernel(name, &task, variant);
  if (!file) {
    return bad_input("its kernel " + name + " cannot be read any more", where,
                     file.error().text() + "; 'kbench show ID --source' prints a stored source");
  }
  if (file->hash() != recorded.at("hash")) {
    return bad_input("its kernel " + name + " has changed since", where,
                     "put the old text back ('kbench show ID --source' prints it), or start a new "
                     "campaign");
  }
  return file;
}

}  // namespace

Result<std::vector<Job>> jobs_of(RunOptions options) {
  if (options.targets.empty()) {
    return bad_input("nothing to run", {},
                     "name a task ('kbench tasks' lists them) or a kernel file");
  }
  if (auto known = check_compiler(options.compiler); !known) return tl::unexpected(known.error());
  // By name, so that repeating a row does not depend on which compilers there are.
  if (options.compiler.empty()) options.compiler = compiler_names().front();
  const std::string folder = tasks_folder(options.tasks);
  std::vector<Job> jobs;
  for (const std::string& target : options.targets) {
    auto task = task_for(target, is_file(target) ? "" : target, folder);
    if (!task) return tl::unexpected(task.error());
    auto problems = problems_of(*task, options);
    if (!problems) return tl::unexpected(problems.error());
    for (const Problem& problem : *problems) {
      if (auto fits = check_threads(problem); !fits) return tl::unexpected(fits.error());
      auto setup = setup_of(*task, problem, target, options);
      if (!setup) return tl::unexpected(setup.error());
      jobs.push_back({*task, std::move(*setup)});
    }
  }
  return jobs;
}

Result<Job> resumed_job(const CampaignRecord& record, const RunOptions& options) {
  const std::string where = "campaign " + std::to_string(record.id);
  auto task = find_task(tasks_folder(options.tasks), record.task);
  if (!task) return tl::unexpected(task.error());
  if (auto same = check_unchanged(*task, record, where); !same) return tl::unexpected(same.error());
  const auto recorded = nlohmann::json::parse(record.kernels_json, nullptr, false);
  Job job{std::move(*task), {}};
  job.setup.problem = record.problem;
  std::vector<KernelFile> files;
  std::string compiler;
  try {
    for (const auto& entry : recorded) {
      auto file = recorded_kernel(entry, job.task, record.problem.variant, where);
      if (!file) return tl::unexpected(file.error());
      files.push_back(std::move(*file));
      if (entry.at("compiler") != "") compiler = entry.at("compiler");
    }
  } catch (const nlohmann::json::exception& problem) {
    return environment_error(problem.what(), where, "the database is damaged");
  }
  if (auto known = check_compiler(compiler); !known) return tl::unexpected(known.error());
  const auto device = parse_device(record.device);
  if (!device) return tl::unexpected(device.error());
  if (auto filled =
          fill_setup(job.setup, job.task, std::move(files), compiler, options.tasks, *device);
      !filled) {
    return tl::unexpected(filled.error());
  }
  if (auto restored = restore(record, job.setup); !restored) {
    return tl::unexpected(restored.error());
  }
  if (auto added = add_smaller(job.setup, job.task); !added) return tl::unexpected(added.error());
  job.setup.full_screens = !options.record.empty();
  if (options.budget_given) {
    auto budget = parse_budget(options.budget);
    if (!budget) return tl::unexpected(budget.error());
    job.setup.budget = *budget;
  }
  return job;
}

}  // namespace kbench
