#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/campaign.hpp"

namespace kbench {

// `--warm`: how many are tried first, and the word for what this database knows.
inline constexpr size_t kWarm = 10;
inline constexpr std::string_view kWarmFromStore = "store";

// What `kbench run` was asked for of language models.
struct ModelOptions {
  std::vector<std::string> models;
  std::string prices, key_file, prompts, arm = "evolve";
  std::string operators, population = "all", selection = "power_law", model_choice = "turns";
  std::vector<std::string> also;  // problems on which each proposal's best is timed as well
  std::vector<std::string> from;  // kernel files to translate
  std::string precheck;           // a model that is asked about each kernel; empty: none
  std::string precheck_mode = "filter";
  bool free = false;
  int64_t max_tokens = 16'384;
  std::optional<double> temperature;
  int in_flight = 4;
  int64_t share = 8;
  int64_t replay = 0;
};

// What `kbench run` was asked for, as typed.
struct RunOptions {
  std::vector<std::string> targets;  // tasks or kernel files
  std::vector<std::string> problems;
  std::string problems_file;
  std::string strategy = "bayes", budget = "30s", tasks, compiler, device = "cpu";
  std::vector<std::string> strategy_options;
  std::string objectives = "time";
  uint64_t seed = 1;
  std::string warm;    // a recorded space, whose fastest are tried first, or kWarmFromStore
  std::string record;  // folder for what was measured; given: everything is
  int64_t resume = 0;
  bool budget_given = false;
  bool quiet = false;
  ModelOptions models = {};
};

// One campaign of a run: everything it needs but the judge and the store.
struct Job {
  Task task;
  CampaignSetup setup;
};

// One for each target and problem, the targets in order. A target is a task, searched over its
// reference and its starting kernels (models start from the reference alone), or a kernel file,
// searched beside the reference. All of them are checked before the first one runs.
Result<std::vector<Job>> jobs_of(RunOptions options);

// The job of a stored campaign. Its kernels are read again: an error names the one that is gone or
// has changed. A budget given with --resume takes the place of the recorded one.
Result<Job> resumed_job(const CampaignRecord& record, const RunOptions& options);

// A JSON list of texts, each as --problem takes it, or with `fill=*` or `variant=*`: the form of a
// task's own problem sets. Errors name the file and the place or entry.
Result<std::vector<Problem>> read_problems(const std::string& path, const Task& task);

}  // namespace kbench
