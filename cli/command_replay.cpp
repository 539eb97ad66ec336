#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/recorded_files.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "search/replay.hpp"
#include "search/replay_svg.hpp"
#include "search/scoring_check.hpp"
#include "search/warm_start.hpp"

namespace kbench {

namespace {

struct ReplayOptions {
  std::vector<std::string> spaces, strategies = {"bayes"}, strategy_options;
  std::string failures = "charged", svg, warm;
  size_t warm_count = 10;
  bool check = false;
  ReplaySetup setup;
};

nlohmann::json to_json(const ReplayResult& result) {
  return {{"space", result.space},
          {"strategy", result.strategy},
          {"budget", result.budget},
          {"score", result.score},
          {"score_no_thinking", result.score_no_thinking},
          {"best_over_optimum", result.best_over_optimum},
          {"thinking_us", result.thinking_us},
          {"thinking_max_us", result.thinking_max_us},
          {"times_ms", result.times_ms},
          {"best_ms", result.best_ms},
          {"random_ms", result.random_ms},
          {"optimum_ms", result.optimum_ms}};
}

void add_row(Table& table, const ReplayResult& result, Colour colour) {
  std::vector<std::string> cells = {paint(result.space, colour), result.strategy,
                                    result.budget > 0 ? std::to_string(result.budget) : "",
                                    paint(fmt::format("{:.3f}", result.score), colour),
                                    fmt::format("{:.3f}", result.score_no_thinking)};
  for (const double ratio : result.best_over_optimum) cells.push_back(fmt::format("{:.4f}", ratio));
  cells.push_back(fmt::format("{:.1f}", result.thinking_us));
  cells.push_back(fmt::format("{:.0f}", result.thinking_max_us));
  table.add(std::move(cells));
}

Table empty_table() {
  std::vector<std::string> headers = {"space", "strategy", "budget", "score", "no thinking"};
  for (const int evaluations : kCheckpoints) {
    headers.push_back(fmt::format("best/opt @{}", evaluations));
  }
  headers.insert(headers.end(), {"think us", "most us"});
  std::vector<Table::Align> align(headers.size(), Table::Align::right);
  align[0] = align[1] = Table::Align::left;
  return Table(std::move(headers), std::move(align));
}

Result<void> write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return environment_error("cannot be written", path);
  return {};
}

constexpr int kPermutations = 10'000;

// How near simulated random searches come to the 0 that the closed form takes them for.
void print_check(const std::vector<RecordedSpace>& spaces, uint64_t seed, bool json) {
  Table table({"random search on", "failing", "counted draws", "recorded costs"},
              {Table::Align::left, Table::Align::right, Table::Align::right, Table::Align::right});
  nlohmann::json lines = nlohmann::json::array();
  for (const RecordedSpace& space : spaces) {
    const auto failing = static_cast<double>(
        std::count_if(space.rows.begin(), space.rows.end(),
                      [](const RecordedRow& row) { return row.status != RecordedStatus::ok; }));
    const double share = failing / static_cast<double>(space.rows.size());
    const ScoringCheck check = check_scoring(space, kPermutations, seed);
    table.add({space.name, fmt::format("{:.1f} %", 100 * share),
               fmt::format("{:.3f}", check.counted), fmt::format("{:.3f}", check.recorded_costs)});
    lines.push_back({{"space", space.name},
                     {"failing", share},
                     {"counted_draws", check.counted},
                     {"recorded_costs", check.recorded_costs}});
  }
  fmt::print("{}", json ? lines.dump() + "\n" : table.text());
}

Result<void> run_replay(const ReplayOptions& options, const GlobalOptions& global) {
  auto spaces = read_recorded(options.spaces);
  if (!spaces) return tl::unexpected(spaces.error());
  if (options.check) {
    print_check(*spaces, options.setup.seed, global.json);
    return {};
  }
  ReplaySetup setup = options.setup;
  setup.charge_failures = options.failures == "charged";
  if (!options.warm.empty()) {
    const auto elsewhere = read_recorded_space(options.warm);
    if (!elsewhere) return tl::unexpected(elsewhere.error());
    setup.first = fastest_of(*elsewhere, options.warm_count);
  }
  auto given = split_options(options.strategy_options);
  if (!given) return tl::unexpected(given.error());
  setup.options = std::move(*given);
  std::vector<ReplayResult> all;
  Table table = empty_table();
  for (const std::string& strategy : options.strategies) {
    setup.strategy = strategy;
    std::vector<ReplayResult> results;
    for (const RecordedSpace& space : *spaces) {
      auto result = replay(space, setup);
      if (!result) return tl::unexpected(result.error());
      add_row(table, *result, Colour::plain);
      results.push_back(std::move(*result));
    }
    if (results.size() > 1) add_row(table, mean_of(results), Colour::bold);
    all.insert(all.end(), results.begin(), results.end());
  }
  if (global.json) {
    nlohmann::json lines = nlohmann::json::array();
    for (const ReplayResult& result : all) lines.push_back(to_json(result));
    fmt::print("{}\n", lines.dump());
  } else {
    fmt::print("{}", table.text());
  }
  return options.svg.empty() ? Result<void>{} : write_text(options.svg, replay_svg(all));
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<ReplayOptions>();
  app.add_option("spaces", options->spaces,
                 "Recorded spaces: CSV, Kernel Tuner cache, T4 or KTT output, plain or gzip")
      ->required();
  app.add_option("--strategy", options->strategies, "What to compare; repeatable")
      ->capture_default_str();
  app.add_option("--option", options->strategy_options, "name=value of the strategy; repeatable");
  app.add_option("--repeats", options->setup.repeats, "Runs a space, each with its own seed")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--seed", options->setup.seed, "Of the first repeat")->capture_default_str();
  app.add_option("--failures", options->failures,
                 "Failed configurations: charged at their cost, or free")
      ->check(CLI::IsMember({"charged", "free"}))
      ->capture_default_str();
  app.add_option("--threads", options->setup.threads, "Repeats at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--warm", options->warm,
                 "A space recorded elsewhere, whose fastest configurations are asked first");
  app.add_option("--warm-count", options->warm_count, "How many of them")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--svg", options->svg, "Draws best so far over time into this file");
  app.add_flag("--check-scoring", options->check,
               "Score 10,000 simulated random searches instead: they should be near 0");
  app.footer(
      "Compares strategies on kernels that were timed completely once, without a device. The score "
      "is 0 for random search and 1 for the optimum at once.\nExamples:\n"
      "  kbench replay convolution-A100.csv.gz --repeats 100\n"
      "  kbench replay *.json.gz --strategy random --strategy genetic --svg curves.svg\n"
      "  kbench replay convolution-A4000.csv.gz --warm convolution-A100.csv.gz");
  return [options, &global] {
    const auto done = run_replay(*options, global);
    return done ? 0 : report(done.error(), global);
  };
}

const bool kRegistered =
    commands().add("replay", {"Compare search strategies on recorded tuning spaces", declare});

}  // namespace

}  // namespace kbench
