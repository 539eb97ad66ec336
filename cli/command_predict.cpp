#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/command.hpp"
#include "cli/recorded_files.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "search/cost_model.hpp"
#include "search/recorded_campaign.hpp"

namespace kbench {

namespace {

struct PredictOptions {
  std::vector<std::string> targets;
  std::string at;
  double train = 0.1;
  uint64_t seed = 1;
  std::string of = "time";
  Figure figure() const { return of == "energy" ? Figure::energy : Figure::time; }
};

// Files of recorded spaces, and tasks of the store.
Result<std::vector<RecordedSpace>> spaces_of(const PredictOptions& options,
                                             const GlobalOptions& global) {
  std::vector<RecordedSpace> all;
  for (const std::string& target : options.targets) {
    const bool file = target.find_first_of("./") != std::string::npos;
    Result<std::vector<RecordedSpace>> found;
    if (file && options.figure() == Figure::energy) {
      return bad_input("recorded spaces have no energy", target, "name a task of the database");
    }
    if (file) {
      found = read_recorded({target});
    } else {
      const auto store = Store::open(global.database, OpenMode::read_only);
      if (!store) return tl::unexpected(store.error());
      if (auto known = check_task(target, **store); !known) return tl::unexpected(known.error());
      found = recorded_task(**store, target, options.figure());
    }
    if (!found) return found;
    all.insert(all.end(), found->begin(), found->end());
  }
  return all;
}

Result<void> print_scores(const std::vector<RecordedSpace>& spaces, const PredictOptions& options,
                          bool json) {
  constexpr auto kRight = Table::Align::right;
  const bool energy = options.figure() == Figure::energy;
  Table table({"space", "trained on", "held out", energy ? "R2 of log energy" : "R2 of log time",
               "median error", "top 1 %"},
              {Table::Align::left, kRight, kRight, kRight, kRight, kRight});
  nlohmann::json lines = nlohmann::json::array();
  for (const RecordedSpace& space : spaces) {
    const auto score = score_predictions(space, options.train, options.seed);
    if (!score) return tl::unexpected(score.error());
    table.add({space.name, std::to_string(score->trained), std::to_string(score->held_out),
               fmt::format("{:.3f}", score->r2), fmt::format("{:.1f} %", 100 * score->median_error),
               fmt::format("{:.3f}", score->best_in_top)});
    lines.push_back({{"space", space.name},
                     {"trained", score->trained},
                     {"held_out", score->held_out},
                     {"r2", score->r2},
                     {"median_error", score->median_error},
                     {"best_in_top", score->best_in_top}});
  }
  fmt::print("{}", json ? lines.dump() + "\n" : table.text());
  return {};
}

Result<void> print_times(const std::vector<RecordedSpace>& spaces, const PredictOptions& options,
                         bool json) {
  const auto params = parse_params(options.at);
  if (!params) return tl::unexpected(params.error());
  nlohmann::json lines = nlohmann::json::array();
  for (const RecordedSpace& space : spaces) {
    const auto configuration = space.space.from_params(*params);
    if (!configuration) return tl::unexpected(configuration.error());
    std::vector<size_t> rows(space.rows.size());
    std::iota(rows.begin(), rows.end(), size_t{0});
    const CostModel model(space, rows, options.seed);
    const Prediction log_ms = model.log_ms({*configuration}).front();
    const double deviation = std::sqrt(log_ms.variance);
    const bool energy = options.figure() == Figure::energy;
    const auto at = [&](double deviations) {  // ns, or J
      return (energy ? 1e-3 : 1e6) * std::exp(log_ms.mean + deviations * deviation);
    };
    const auto text = [&](double deviations) {
      return energy ? fmt::format("{:.4g} J", at(deviations)) : format_time(at(deviations));
    };
    lines.push_back({{"space", space.name},
                     {energy ? "joules" : "ns", at(0)},
                     {"low", at(-1)},
                     {"high", at(1)}});
    if (json) continue;
    fmt::print("{}: {} [{}, {}]\n", space.name, text(0), text(-1), text(1));
  }
  if (json) fmt::print("{}\n", lines.dump());
  return {};
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<PredictOptions>();
  app.add_option("targets", options->targets, "Recorded spaces, or tasks of the database")
      ->required();
  app.add_option("--train", options->train, "Share that the model learns from")
      ->check(CLI::Range(0.001, 0.999))
      ->capture_default_str();
  app.add_option("--at", options->at,
                 "Foretell this configuration instead, from all that is known: A=1,B=2");
  app.add_option("--of", options->of, "time, or energy where it was measured (of a task)")
      ->check(CLI::IsMember({"time", "energy"}))
      ->capture_default_str();
  app.add_option("--seed", options->seed, "Of the share and of the model")->capture_default_str();
  app.footer(
      "How well a random forest that has seen a part of a space foretells the rest. 'top 1 %' is "
      "the best of the hundredth it takes for fastest over the best of what it had not seen.\n"
      "Of a task it learns from every stored evaluation, problem and device being params; of "
      "energy from those of --objectives time,energy and of confirmations.\n"
      "Examples:\n  kbench predict convolution-A100.csv.gz --train 0.1\n  kbench predict matmul\n"
      "  kbench predict matmul --at TILE=64,problem.m=1024");
  return [options, &global] {
    const auto spaces = spaces_of(*options, global);
    if (!spaces) return report(spaces.error(), global);
    const auto done = options->at.empty() ? print_scores(*spaces, *options, global.json)
                                          : print_times(*spaces, *options, global.json);
    return done ? 0 : report(done.error(), global);
  };
}

const bool kRegistered = commands().add(
    "predict", {"Foretell times of configurations from those that were measured", declare});

}  // namespace

}  // namespace kbench
