#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "results/report.hpp"

namespace kbench {

namespace {

int run_leaderboard(const std::string& task, const GlobalOptions& global) {
  auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  if (auto known = check_task(task, **store); !known) return report(known.error(), global);
  auto rows = leaderboard(**store, task);
  if (!rows) return report(rows.error(), global);
  if (global.json) {
    nlohmann::json lines = nlohmann::json::array();
    for (const LeaderboardRow& row : *rows) {
      lines.push_back({{"task", row.task},
                       {"problem", row.problem},
                       {"device", row.device_model},
                       {"threads", row.threads},
                       {"rank", row.rank},
                       {"kernel", row.kernel_name},
                       {"params", row.params},
                       {"evaluation_id", row.evaluation_id},
                       {"ratio_to_anchor", row.ratio_to_anchor},
                       {"low", row.low},
                       {"high", row.high},
                       {"median_ns", row.median_ns},
                       {"roofline_share", row.roofline_share},
                       {"anchor", row.anchor},
                       {"compiler", row.compiler},
                       {"command", row.command},
                       {"when", row.when}});
    }
    fmt::print("{}\n", lines.dump());
    return 0;
  }
  if (rows->empty()) {
    fmt::print("no confirmed kernels yet: kbench run {}\n", task.empty() ? "TASK" : task);
  }
  for (const auto& ranking : rankings_of(*rows)) {
    const LeaderboardRow& first = ranking.front();
    fmt::print("{}  {}\n{}, anchor {}\n", paint(first.task, Colour::bold), first.problem,
               first.device_model, first.anchor);
    using Align = Table::Align;
    Table table({"", "id", "kernel", "time", "speed-up", "interval", "roofline"},
                {Align::right, Align::right, Align::left, Align::right, Align::right, Align::left,
                 Align::right});
    for (const LeaderboardRow& row : ranking) {
      const Speedup speedup = speedup_of(row);
      table.add({std::to_string(row.rank), std::to_string(row.evaluation_id),
                 std::filesystem::path(row.kernel_name).filename(), format_time(row.median_ns),
                 fmt::format("{:.2f}x", speedup.value),
                 fmt::format("[{:.2f}, {:.2f}]", speedup.low, speedup.high),
                 fmt::format("{:.0f} %", 100 * row.roofline_share)},
                row.params);
    }
    fmt::print("{}\n", table.text());
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto task = std::make_shared<std::string>();
  app.add_option("task", *task, "Only this one");
  app.footer(
      "Confirmed kernels, ranked by their paired ratio to the anchor.\nExamples:\n"
      "  kbench leaderboard\n  kbench leaderboard softmax --db results.db");
  return [task, &global] { return run_leaderboard(*task, global); };
}

const bool kRegistered = commands().add(
    "leaderboard", {"The best confirmed kernels per task, problem and device", declare});

}  // namespace

}  // namespace kbench
