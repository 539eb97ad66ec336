#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/recorded_files.hpp"
#include "search/training.hpp"

namespace kbench {

namespace {

struct ExportOptions {
  int64_t campaign = 0;
  std::string format = "csv", output = ".";
};

Result<std::vector<std::string>> write(const Store& store, const CampaignRecord& campaign,
                                       const ExportOptions& options) {
  const auto training = training_formats();
  if (std::find(training.begin(), training.end(), options.format) == training.end()) {
    return write_recorded(store, campaign.id, options.format, options.output);
  }
  auto path = write_training(store, campaign, options.format, options.output);
  if (!path) return tl::unexpected(path.error());
  return std::vector<std::string>{std::move(*path)};
}

std::vector<std::string> all_formats() {
  std::vector<std::string> formats = recorded_formats();
  for (std::string& format : training_formats()) formats.push_back(std::move(format));
  return formats;
}

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
  const auto paths = write(**store, **record, options);
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
  app.add_option("--format", options->format,
                 "csv or t4; of a models' campaign sft, pairs or rewards")
      ->check(CLI::IsMember(all_formats()))
      ->capture_default_str();
  app.add_option("-o,--output", options->output, "The folder")->capture_default_str();
  app.footer(
      "csv, t4: a file for each kernel: every configuration judged, its time and what judging it "
      "took. Of an exhaustive campaign it is a recorded space, on which 'kbench replay' compares "
      "strategies.\nsft, pairs, rewards: JSON lines for training models, from a campaign that "
      "asked "
      "some (docs/scores.md): right kernels with their prompts and reasoning; pairs of which one "
      "is "
      "better for certain; every reply with its reward.\n"
      "Examples:\n  kbench export 3\n  kbench export 3 --format t4 -o spaces\n"
      "  kbench export 4 --format pairs -o training");
  return [options, &global] { return run_export(*options, global); };
}

const bool kRegistered = commands().add(
    "export", {"Write what a campaign measured, or what training wants of it", declare});

}  // namespace

}  // namespace kbench
