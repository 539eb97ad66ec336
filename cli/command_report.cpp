#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "results/report.hpp"

namespace kbench {

namespace {

struct ReportOptions {
  std::string format = "md", output, task;
};

int run_report(const ReportOptions& options, const GlobalOptions& global) {
  auto format = report_formats().find(global.json ? "json" : options.format);
  if (!format) return report(format.error(), global);
  auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  if (auto known = check_task(options.task, **store); !known) {
    return report(known.error(), global);
  }
  auto collected = collect_report(**store, options.task);
  if (!collected) return report(collected.error(), global);
  const std::string text = (*format)->render(*collected);
  if (options.output.empty()) {
    fmt::print("{}", text);
    return 0;
  }
  // Written beside, then moved: a full disk leaves the old report whole.
  const std::string fresh = options.output + ".part";
  std::ofstream file(fresh, std::ios::binary);
  file << text;
  file.close();
  if (!file || std::rename(fresh.c_str(), options.output.c_str()) != 0) {
    std::remove(fresh.c_str());
    return report({ErrorKind::environment, "cannot write the report", options.output,
                   "is the folder there, writable, and the disk not full?"},
                  global);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<ReportOptions>();
  app.add_option("task", options->task, "Only this one");
  app.add_option("--format", options->format, "html, md, csv or json; --json means the last")
      ->capture_default_str();
  app.add_option("-o,--output", options->output, "The file; standard output otherwise");
  app.footer(
      "Examples:\n  kbench report --format html -o report.html\n  kbench report softmax --format "
      "csv");
  return [options, &global] { return run_report(*options, global); };
}

const bool kRegistered =
    commands().add("report", {"Export results for people and programs", declare});

}  // namespace

}  // namespace kbench
