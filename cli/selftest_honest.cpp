#include <fmt/core.h>

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <set>

#include "cli/selftest.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "harness/environment.hpp"
#include "harness/judge_server.hpp"
#include "search/space.hpp"

namespace kbench {

namespace {

constexpr int64_t kSettings = 10;  // of the params of each kernel

struct Honest {
  Candidate candidate;
  Problem problem;
};

// The flags a kernel is tried with. Fast arithmetic changes what a kernel means, so it is legal
// where the author lists it, and for the reference as a kernel, which has no tricks to lose.
std::vector<std::string> flags_for(const KernelFile& kernel) {
  const bool fast =
      kernel.name == "naive" || kernel.source.find("-ffast-math") != std::string::npos;
  return {"-O2", fast ? "-O3 -ffast-math" : "-O3"};
}

// The kernel with these flags to choose from instead of its own.
Result<KernelFile> with_flags(const KernelFile& kernel, const std::vector<std::string>& flags) {
  static const std::regex kOwn("// kbench: flags[^\n]*\n"), kLaunch("// kbench: launch");
  const std::string line = "// kbench: flags    " + flags[0] + " | " + flags[1] + "\n";
  std::string text = std::regex_replace(kernel.source, kOwn, "");
  text = std::regex_replace(text, kLaunch, line + "$&", std::regex_constants::format_first_only);
  return parse_kernel_file(text, kernel.name);
}

// Distinct settings of everything but the flags, the default first.
std::vector<Params> settings_of(const KernelFile& kernel, const Problem& problem, int64_t wanted,
                                std::mt19937_64& random) {
  std::vector<Params> settings;
  const Bindings dims(problem.dims.begin(), problem.dims.end());
  const auto space = Space::build(kernel, dims, device_bindings(this_cpu()));
  if (!space) return settings;
  std::set<std::string> seen;
  auto add = [&](const Configuration& configuration) {
    Params params = space->to_params(configuration);
    params.erase("FLAGS");
    if (space->valid(configuration) && seen.insert(canonical(params)).second) {
      settings.push_back(std::move(params));
    }
  };
  add(space->defaults());
  for (int tries = 0; tries < 500 && static_cast<int64_t>(settings.size()) < wanted; ++tries) {
    add(space->sample(random));
  }
  return settings;
}

Result<std::vector<Honest>> candidates_of(const Task& task, const Problem& problem,
                                          const SelftestOptions& options) {
  auto kernels = starting_kernels(task, problem.variant, "cpp", false);
  if (!kernels) return tl::unexpected(kernels.error());
  auto naive = load_kernel("naive", &task, problem.variant);
  if (!naive) return tl::unexpected(naive.error());
  kernels->insert(kernels->begin(), std::move(*naive));
  std::mt19937_64 random(options.seed);
  std::vector<Honest> honest;
  for (const KernelFile& own : *kernels) {
    const std::vector<std::string> flags = flags_for(own);
    auto kernel = with_flags(own, flags);
    if (!kernel) return tl::unexpected(kernel.error());
    const int64_t wanted = options.trials > 0 ? options.trials : kSettings;
    for (const Params& params : settings_of(*kernel, problem, wanted, random)) {
      for (const std::string& flag : flags) {
        for (const std::string& compiler : compiler_names()) {
          Honest it{candidate_of(*kernel, params), problem};
          it.candidate.params["FLAGS"] = flag;
          it.candidate.compiler = compiler;
          honest.push_back(std::move(it));
        }
      }
    }
  }
  return honest;
}

Result<std::vector<Honest>> all_candidates(const SelftestOptions& options) {
  std::vector<Honest> honest;
  for (const auto& [name, task] : load_tasks(tasks_folder(""))) {
    if (!task) return tl::unexpected(task.error());
    if (name.find(options.only) == std::string::npos) continue;
    for (const Variant& variant : task->variants) {
      Problem problem = task->tune.front();
      problem.variant = variant.name;
      auto more = candidates_of(*task, problem, options);
      if (!more) return more;
      honest.insert(honest.end(), more->begin(), more->end());
    }
  }
  if (honest.empty()) return bad_input("no task has this in its name", options.only);
  return honest;
}

struct Tally {
  int judged = 0, rejected = 0;
};

class Report {
 public:
  explicit Report(const GlobalOptions& global) : global_(global) {}

  // A line now and then tells that it goes on.
  void add(const Honest& it, const Evaluation& evaluation) {
    if (++answered_ % 100 == 0)
      fmt::print(stderr, "{} answered, {} rejected\n", answered_, rejected_);
    if (evaluation.outcome == Outcome::unsupported) return;  // as its header says
    Tally& tally = tallies_[it.problem.task + " " + it.problem.variant];
    ++tally.judged;
    ++judged_;
    if (evaluation.outcome == Outcome::ok) return;
    ++tally.rejected;
    ++rejected_;
    const std::string command = repeat_command(it.candidate, it.problem, {});
    if (global_.json) {
      fmt::print("{}\n", nlohmann::json{{"rejected", it.candidate.kernel_name},
                                        {"outcome", name_of(evaluation.outcome)},
                                        {"rule", evaluation.rule},
                                        {"message", evaluation.message},
                                        {"command", command}}
                             .dump());
    } else {
      fmt::print("{} {}: {}\n  {}\n", paint(name_of(evaluation.outcome), Colour::red),
                 evaluation.rule, evaluation.message, command);
    }
    std::fflush(stdout);
  }

  int finish() const {
    if (global_.json) {
      fmt::print("{}\n", nlohmann::json{{"judged", judged_}, {"rejected", rejected_}}.dump());
    } else {
      Table table({"task", "judged", "rejected"},
                  {Table::Align::left, Table::Align::right, Table::Align::right});
      for (const auto& [name, tally] : tallies_) {
        table.add({name, std::to_string(tally.judged), std::to_string(tally.rejected)});
      }
      fmt::print("{}\n{} honest kernels judged, {} rejected: {:.2f} %\n", table.text(), judged_,
                 rejected_, 100.0 * rejected_ / std::max(judged_, 1));
    }
    return rejected_ == 0 ? 0 : static_cast<int>(ErrorKind::rejected);
  }

 private:
  const GlobalOptions& global_;
  std::map<std::string, Tally> tallies_;
  int answered_ = 0, judged_ = 0, rejected_ = 0;
};

int run_honest(const SelftestOptions& options, const GlobalOptions& global) {
  auto honest = all_candidates(options);
  if (!honest) return report(honest.error(), global);
  auto judge = JudgeClient::start({});
  if (!judge) return report(judge.error(), global);
  Report findings(global);
  std::deque<const Honest*> open;
  auto take = [&]() -> Result<void> {
    auto evaluation = (*judge)->next();
    if (!evaluation) return tl::unexpected(evaluation.error());
    findings.add(*open.front(), *evaluation);
    open.pop_front();
    return {};
  };
  for (const Honest& it : *honest) {
    (*judge)->ask({0, it.candidate, it.problem, "cpu", Evidence::screened, 0});
    open.push_back(&it);
    if (static_cast<int>(open.size()) < (*judge)->depth()) continue;
    if (auto taken = take(); !taken) return report(taken.error(), global);
  }
  while (!open.empty()) {
    if (auto taken = take(); !taken) return report(taken.error(), global);
  }
  return findings.finish();
}

const bool kRegistered = selftests().add(
    "honest", {"starting kernels in all their settings: none may be rejected", run_honest});

}  // namespace

}  // namespace kbench
