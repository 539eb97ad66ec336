#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "cli/verdict.hpp"
#include "core/text.hpp"
#include "harness/disturbances.hpp"
#include "harness/judge_server.hpp"

namespace kbench {

namespace {

struct CompareOptions {
  std::string a, b, task, problem, budget = "5s", tasks;
};

Result<CompareRequest> request_of(const CompareOptions& options, const GlobalOptions& global) {
  const auto device = parse_device(global.device);
  if (!device) return tl::unexpected(device.error());
  if (!device->times()) {
    return bad_input("device " + device->name + " gives no times to compare", "--device",
                     "cpu, opencl and a GPU (cuda:0, hip:0) do");
  }
  const std::string& file = options.a == "naive" ? options.b : options.a;
  auto task = task_for(file, options.task, tasks_folder(options.tasks));
  if (!task) return tl::unexpected(task.error());
  CompareRequest request;
  request.device = device->name;
  auto problem = parse_problem(*task, options.problem);
  if (!problem) return tl::unexpected(problem.error());
  if (auto fits = check_threads(*problem); !fits) return tl::unexpected(fits.error());
  request.problem = *problem;
  auto limit = parse_duration(options.budget);
  if (!limit) return bad_input(limit.error().what, "--budget", limit.error().hint);
  request.longest_s = std::chrono::duration<double>(*limit).count();
  for (auto [text, candidate] : {std::pair{&options.a, &request.a}, {&options.b, &request.b}}) {
    auto read = candidate_of(*text, &*task, problem->variant, *device);
    if (!read) return tl::unexpected(read.error());
    *candidate = std::move(*read);
  }
  return request;
}

nlohmann::json side_of(const Candidate& candidate) {
  return {{"kernel", candidate.kernel_name}, {"params", candidate.params}};
}

int run_compare(const CompareOptions& options, const GlobalOptions& global) {
  auto request = request_of(options, global);
  if (!request) return report(request.error(), global);
  auto judge = JudgeClient::start({options.tasks, "", 0});
  if (!judge) return report(judge.error(), global);
  auto answered = (*judge)->compare(*request);
  if (!answered) return report(answered.error(), global);
  if (!*answered) {
    const Fault& failed = answered->error();
    return report(
        {ErrorKind::rejected, std::string(name_of(failed.outcome)) + ": " + failed.message, {}, {}},
        global);
  }
  const Comparison& comparison = **answered;
  if (global.json) {
    fmt::print("{}\n", nlohmann::json{{"a", side_of(request->a)},
                                      {"b", side_of(request->b)},
                                      {"problem", request->problem},
                                      {"comparison", comparison}}
                           .dump());
    return 0;
  }
  fmt::print("{} {}\n", paint(request->problem.task, Colour::bold), request->problem.canonical());
  Table table({"", "kernel", "time"},
              {Table::Align::left, Table::Align::left, Table::Align::right});
  table.add({"a", request->a.kernel_name, format_time(comparison.a_ns)},
            canonical(request->a.params));
  table.add({"b", request->b.kernel_name, format_time(comparison.b_ns)},
            canonical(request->b.params));
  fmt::print("{}a against b: {} ({} launches, {} pairs, {:.4g} % interval)\n", table.text(),
             comparison_text(comparison), comparison.launches, comparison.pairs,
             100 * comparison.confidence);
  for (const std::string& warning : disturbances()) {
    fmt::print("{} {}\n", paint("note:", Colour::yellow), warning);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<CompareOptions>();
  app.add_option("a", options->a, "A kernel: FILE, FILE:PARAM=VALUE,... or naive")->required();
  app.add_option("b", options->b, "The kernel it is compared with")->required();
  app.add_option("--task", options->task, "The task, where no file says it");
  app.add_option("--problem", options->problem, "Such as rows=4096,cols=1024");
  app.add_option("--device", global.device,
                 "What runs them: cpu; opencl, which takes cpp kernels too; or a GPU, "
                 "cuda:0 or hip:0")
      ->capture_default_str();
  app.add_option("--budget", options->budget, "Longest kernel time")->capture_default_str();
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  app.footer(
      "Both are verified, then timed in pairs on the same memory, in several launches. The "
      "verdict is FASTER, SLOWER, SAME (within 0.5 %) or INCONCLUSIVE.\nExamples:\n"
      "  kbench compare a.cpp b.cpp\n"
      "  kbench compare packed.cpp:MR=12 naive --task matmul --problem m=256,n=256,k=256");
  return [options, &global] { return run_compare(*options, global); };
}

const bool kRegistered =
    commands().add("compare", {"Which of two kernels is faster, by how much, how sure", declare});

}  // namespace

}  // namespace kbench
