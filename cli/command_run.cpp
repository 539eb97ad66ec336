#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <memory>

#include "cli/campaign_setup.hpp"
#include "cli/command.hpp"
#include "cli/model_memory.hpp"
#include "cli/model_setup.hpp"
#include "cli/recorded_files.hpp"
#include "cli/run_report.hpp"
#include "cli/sources.hpp"
#include "harness/judge_server.hpp"
#include "search/models/model_replay.hpp"
#include "search/warm_start.hpp"

namespace kbench {

namespace {

std::atomic<bool> stop_requested{false};

// The first one lets the evaluation under way come to its end; the second does not wait.
void request_stop(int) {
  if (stop_requested.exchange(true)) _exit(static_cast<int>(ErrorKind::interrupted));
  constexpr std::string_view kNotice =
      "\nkbench: stopping after what is under way; once more to stop at once\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kNotice.data(), kNotice.size());
}

// Whatever command goes on with this campaign.
std::string resume_command(int64_t campaign, const RunOptions& options,
                           const GlobalOptions& global) {
  std::string command =
      "kbench run --resume " + std::to_string(campaign) + " --db " + shell_word(global.database);
  if (!options.tasks.empty()) command += " --tasks " + shell_word(options.tasks);
  const ModelOptions& models = options.models;
  if (!models.key_file.empty()) command += " --key-file " + shell_word(models.key_file);
  if (!models.prompts.empty()) command += " --prompts " + shell_word(models.prompts);
  return command;
}

// `record`: of the campaign that goes on; null: a new one.
Result<CampaignResult> run_with_models(const Job& job, const CampaignRecord* record,
                                       const RunOptions& options, JudgeClient& judge, Store& store,
                                       RunReport& progress) {
  auto setup = model_setup(job, options.models);
  if (!setup) return tl::unexpected(setup.error());
  if (record != nullptr) {
    if (auto restored = restore(*record, *setup); !restored) {
      return tl::unexpected(restored.error());
    }
    setup->campaign.budget = job.setup.budget;  // --budget may have changed it
  } else {
    auto looked = look_up(job, options.models, options.tasks, store, *setup);
    if (!looked) return tl::unexpected(looked.error());
    setup->campaign.lag = judge.depth();
  }
  auto endpoints = connect(*setup, options.models, stop_requested);
  if (!endpoints) return tl::unexpected(endpoints.error());
  LiveAnswers answers(std::move(*endpoints));
  if (record == nullptr) {
    return run_model_campaign(*setup, answers, judge, store, progress, stop_requested);
  }
  return resume_model_campaign(*record, *setup, answers, judge, store, progress, stop_requested);
}

// One campaign from its start, or from where `record` left it, to its table; the exit code.
int run_one(const Job& job, const CampaignRecord* record, const RunOptions& options,
            const GlobalOptions& global, JudgeClient& judge, Store& store) {
  RunReport progress(job.setup, global.json, options.quiet, stop_requested);
  const bool models = record != nullptr ? has_models(*record) : !options.models.models.empty();
  auto result = models ? run_with_models(job, record, options, judge, store, progress)
                : record != nullptr
                    ? resume_campaign(*record, job.setup, judge, store, progress, stop_requested)
                    : run_campaign(job.setup, judge, store, progress, stop_requested);
  const std::string again = resume_command(progress.campaign(), options, global);
  if (!result) {
    Error error = result.error();
    if (progress.campaign() > 0) {
      error.hint += (error.hint.empty() ? "" : "; ") + ("go on with: " + again);
    }
    return report(error, global);
  }
  progress.finish(*result, global.database, again);
  if (stop_requested) return static_cast<int>(ErrorKind::interrupted);
  if (!options.record.empty()) {
    const auto written = write_recorded(store, result->id, "csv", options.record);
    if (!written) return report(written.error(), global);
    for (const std::string& path : *written) {
      if (!global.json) fmt::print("recorded: {}\n", path);
    }
  }
  return result->incumbent ? 0 : static_cast<int>(ErrorKind::rejected);
}

Result<CampaignRecord> recorded(const Store& store, int64_t id, const RunOptions& options,
                                const GlobalOptions& global) {
  if (!options.targets.empty() || !options.problems.empty() || !options.problems_file.empty()) {
    return bad_input("--resume and --replay take tasks and problems from the campaign", {},
                     "name either the campaign or what to run");
  }
  auto record = store.campaign(id);
  if (!record) return tl::unexpected(record.error());
  if (!*record) {
    return bad_input("no campaign " + std::to_string(id), global.database,
                     "'kbench campaigns' lists them");
  }
  return **record;
}

// A models' campaign again, from its record alone; nothing is written.
int replay(const RunOptions& options, const GlobalOptions& global) {
  auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  auto record = recorded(**store, options.models.replay, options, global);
  if (!record) return report(record.error(), global);
  auto job = resumed_job(*record, options);
  if (!job) return report(job.error(), global);
  auto setup = model_setup(*job, options.models);
  if (!setup) return report(setup.error(), global);
  RunReport progress(job->setup, global.json, options.quiet, stop_requested);
  auto replayed = replay_models(*record, std::move(*setup), **store, progress);
  if (!replayed) return report(replayed.error(), global);
  progress.finish_replay(*replayed, record->id);
  return 0;
}

int run(const RunOptions& options, const GlobalOptions& global) {
  if (options.models.replay != 0) return replay(options, global);
  std::vector<Job> jobs;
  if (options.resume == 0) {  // checked before a database is made
    auto asked = jobs_of(options);
    if (!asked) return report(asked.error(), global);
    jobs = std::move(*asked);
  }
  auto store = Store::open(global.database, OpenMode::read_write);
  if (!store) return report(store.error(), global);
  std::optional<CampaignRecord> record;
  if (options.resume != 0) {
    auto found = recorded(**store, options.resume, options, global);
    if (!found) return report(found.error(), global);
    auto job = resumed_job(*found, options);
    if (!job) return report(job.error(), global);
    jobs.push_back(std::move(*job));
    record = std::move(*found);
  }
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::signal(SIGPIPE, SIG_IGN);  // RunReport sees that nobody reads any more
  auto judge = JudgeClient::start({options.tasks, "", 0});
  if (!judge) return report(judge.error(), global);
  int worst = 0;
  for (Job& job : jobs) {
    if (!record && options.warm == kWarmFromStore) {
      auto winners = winners_of(**store, job.setup.problem.task, kWarm);
      if (!winners) return report(winners.error(), global);
      job.setup.first = std::move(*winners);
    }
    const int code = run_one(job, record ? &*record : nullptr, options, global, **judge, **store);
    if (code > static_cast<int>(ErrorKind::rejected)) return code;
    worst = std::max(worst, code);
  }
  return worst;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<RunOptions>();
  app.add_option("targets", options->targets, "Tasks, or kernel files of your own");
  app.add_option("--problem", options->problems,
                 "Such as m=1024,n=1024,k=1024 or rows=64,cache=cold; repeatable")
      ->expected(1)
      ->take_all();
  app.add_option("--problems", options->problems_file,
                 "JSON file with a list of such texts (docs/cli.md)");
  auto* strategy = app.add_option("--strategy", options->strategy,
                                  "How to search; 'kbench strategies' lists them")
                       ->capture_default_str();
  app.add_option("--option", options->strategy_options, "name=value of the strategy; repeatable")
      ->expected(1)
      ->take_all();
  app.add_option(
         "--objectives", options->objectives,
         "What to make small: time, and code_size, energy, error, memory or prepare_time, joined "
         "by commas; prints the front, for which --strategy nsga2 searches")
      ->capture_default_str();
  auto* budget =
      app.add_option(
             "--budget", options->budget,
             "Such as 30s, 2m, 500evals, stall=50, 5usd, 20proposals, or several with commas; "
             "for each campaign")
          ->capture_default_str();
  app.add_option("--seed", options->seed, "Of the search")
      ->capture_default_str()
      ->check(whole_number(0));
  app.add_option("--compiler", options->compiler, "g++ or clang++; the first found otherwise");
  app.add_option("--device", global.device,
                 "What runs the kernels: cpu, opencl or a GPU, cuda:0 or hip:0")
      ->capture_default_str();
  app.add_option("--warm", options->warm,
                 "A recorded space of the same kernel elsewhere, whose fastest are tried first; or "
                 "'store': what campaigns on the task confirmed, on whatever problem");
  app.add_option("--record", options->record,
                 "Measure every configuration and write recorded spaces into this folder")
      ->excludes(strategy);
  app.add_option("--resume", options->resume, "Go on with a campaign by its number")
      ->check(whole_number(1));
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  declare_models(app, options->models);
  app.add_flag("--quiet", options->quiet, "Only the final table");
  app.footer(
      "Tunes kernels: compiles, proves right, times, searches; confirms the best in paired "
      "comparisons; keeps everything. One campaign for each target and problem.\n"
      "Exit code 1: no kernel could be confirmed; 130: interrupted, to be resumed.\nExamples:\n"
      "  kbench run softmax --budget 30s\n"
      "  kbench run matmul --problem m=1024,n=1024,k=1024 --strategy genetic --budget 500evals "
      "--seed 7\n"
      "  kbench run my_kernel.cpp --problems shapes.json\n"
      "  kbench run my_kernel.cpp --record spaces\n"
      "  kbench run softmax --model openai:qwen@http://localhost:8000/v1 --free --budget "
      "40proposals\n"
      "  kbench run --resume 3");
  return [options, budget, &global] {
    options->budget_given = budget->count() > 0;
    options->device = global.device;
    return run(*options, global);
  };
}

const bool kRegistered =
    commands().add("run", {"Search for a faster kernel of an operator", declare});

}  // namespace

}  // namespace kbench
