#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/recorded_files.hpp"

namespace kbench {

namespace {

struct ExportOptions {
  int64_t campaign = 0;
  std::string format = "csv", output = ".";
};

int run_export(const ExportOptions& options, const GlobalOptions& global) {
  const auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  const auto record = (*store)->campaign(options.campaign);
  if (!record) return report(record.error(), global);
  if (!*record) {
    return report({ErrorKind::bad_input, "no campaign " + std::to_string(options.campaign),
                   global.database, "'kbench campaigns' lists them"},
                  global);
  }
  const auto paths = write_recorded(**store, options.campaign, options.format, options.output);
  if (!paths) return report(paths.error(), global);
  if (global.json) {
    fmt::print("{}\n", nlohmann::json(*paths).dump());
  } else {
    for (const std::string& path : *paths) fmt::print("{}\n", path);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<ExportOptions>();
  app.add_option("campaign", options->campaign, "Its number")->required()->check(whole_number(1));
  app.add_option("--format", options->format, "csv or t4")
      ->check(CLI::IsMember(recorded_formats()))
      ->capture_default_str();
  app.add_option("-o,--output", options->output, "The folder")->capture_default_str();
  app.footer(
      "A file for each kernel: every configuration judged, its time and what judging it took. Of "
      "an "
      "exhaustive campaign it is a recorded space, on which 'kbench replay' compares strategies.\n"
      "Examples:\n  kbench export 3\n  kbench export 3 --format t4 -o spaces");
  return [options, &global] { return run_export(*options, global); };
}

const bool kRegistered =
    commands().add("export", {"Write what a campaign measured as a recorded space", declare});

}  // namespace

}  // namespace kbench
