#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "backends/device.hpp"
#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "harness/judge_server.hpp"
#include "results/gate.hpp"

namespace kbench {

namespace {

struct GateOptions {
  std::string policy = "kbench-gate.json", tasks;
  bool update = false;
};

// Files lie where the policy says, from its own folder, or in reference_kernels/.
Result<Candidate> candidate_at(const std::string& name, const Params& params,
                               const GatePolicy& policy, const Task& task,
                               const std::string& variant, const Device& device) {
  const auto beside = std::filesystem::path(policy.path).parent_path() / name;
  auto file = load_kernel(std::filesystem::exists(beside) ? beside.string() : name, &task, variant);
  if (!file) return tl::unexpected(file.error());
  auto complete = complete_params(*file, params);
  if (!complete) return tl::unexpected(complete.error());
  return candidate_of(*file, *complete, device);
}

Result<ConfirmationRequest> request_of(const GateEntry& entry, const GatePolicy& policy,
                                       const std::string& folder) {
  auto device = parse_device(entry.device);
  if (!device) {
    device.error().where = policy.path;
    return tl::unexpected(device.error());
  }
  auto task = find_task(folder, entry.task);
  if (!task) return tl::unexpected(task.error());
  auto problem = parse_problem(*task, entry.problem);
  if (!problem) return tl::unexpected(problem.error());
  if (auto fits = check_threads(*problem); !fits) return tl::unexpected(fits.error());
  ConfirmationRequest request;
  request.problem = *problem;
  request.device = entry.device;
  auto candidate =
      candidate_at(entry.kernel, entry.params, policy, *task, problem->variant, *device);
  if (!candidate) return tl::unexpected(candidate.error());
  request.candidate = std::move(*candidate);
  if (!device->times()) return request;  // nothing to compare
  auto anchor = candidate_at(entry.anchor, {}, policy, *task, problem->variant, *device);
  if (!anchor) return tl::unexpected(anchor.error());
  request.anchor = std::move(*anchor);
  return request;
}

int run_gate(const GateOptions& options, const GlobalOptions& global) {
  auto policy = read_policy(options.policy);
  if (!policy) return report(policy.error(), global);
  std::vector<ConfirmationRequest> requests;  // all are read before the first one is judged
  for (const GateEntry& entry : policy->entries) {
    auto request = request_of(entry, *policy, tasks_folder(options.tasks));
    if (!request) {
      Error error = request.error();
      if (error.where.empty()) {
        error.where = fmt::format("{}: entry {}", policy->path, requests.size() + 1);
      }
      return report(error, global);
    }
    requests.push_back(std::move(*request));
  }
  auto judge = JudgeClient::start({options.tasks, "", 0});
  if (!judge) return report(judge.error(), global);
  bool passed = true;
  std::vector<std::optional<double>> ratios;
  for (size_t i = 0; i < requests.size(); ++i) {
    const GateEntry& entry = policy->entries[i];
    auto confirmation = (*judge)->confirm(requests[i]);
    if (!confirmation) return report(confirmation.error(), global);
    const GateReport verdict =
        decide(entry, confirmation->evaluation, confirmation->against_anchor);
    const bool good =
        verdict.passed() || (options.update && verdict.verdict != GateVerdict::wrong &&
                             verdict.verdict != GateVerdict::unproven);
    ratios.push_back(good ? verdict.ratio : std::nullopt);
    passed = passed && good;
    if (global.json) {
      fmt::print("{}\n", nlohmann::json{{"task", entry.task},
                                        {"kernel", entry.kernel},
                                        {"verdict", name_of(verdict.verdict)},
                                        {"passed", good},
                                        {"explanation", verdict.explanation},
                                        {"confirmation", *confirmation}}
                             .dump());
    } else {
      fmt::print(
          "{} {} {}: {}\n", paint(name_of(verdict.verdict), good ? Colour::green : Colour::red),
          entry.task, entry.kernel,
          options.update && ratios.back()
              ? fmt::format("{:.4g} of the anchor's time is the baseline now", *ratios.back())
              : verdict.explanation);
      const auto device = parse_device(entry.device);
      if (good && device && !device->times()) fmt::print("  {}\n", device->proof());
    }
  }
  if (options.update) {
    if (auto written = update_policy(*policy, ratios); !written)
      return report(written.error(), global);
  }
  return passed ? 0 : static_cast<int>(ErrorKind::rejected);
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<GateOptions>();
  app.add_option("policy", options->policy, "The policy file (docs/gate.md)")
      ->capture_default_str();
  app.add_flag("--update", options->update, "Write what was measured into the policy");
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  app.footer(
      "Exit code 0: all kernels are right and not slower than their baselines; 1: the judge says "
      "no.\nExamples:\n  kbench gate\n  kbench gate ci/kernels.json --update");
  return [options, &global] { return run_gate(*options, global); };
}

const bool kRegistered =
    commands().add("gate", {"For CI: are these kernels still right and still fast?", declare});

}  // namespace

}  // namespace kbench
