#include <fmt/format.h>

#include "core/text.hpp"
#include "results/report.hpp"

namespace kbench {

namespace {

// A cell of a table: nothing in it may end the cell or the line, or be markup.
std::string cell(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\n' || letter == '\r') {
      out += ' ';
      continue;
    }
    if (std::string_view("|\\`*_<>[]").find(letter) != std::string_view::npos) out += '\\';
    out += letter;
  }
  return out;
}

std::string share(double value) {
  return value > 0 ? fmt::format("{:.0f} %", value * 100) : "-";
}

void ranking(std::string& out, const std::vector<LeaderboardRow>& rows) {
  const LeaderboardRow& first = rows.front();
  out += fmt::format("### {}\n\n{}, {} thread{}. Compared with {}.\n\n", cell(first.problem),
                     cell(first.device_model), first.threads, first.threads == 1 ? "" : "s",
                     first.anchor.empty() ? "an unnamed anchor" : cell(first.anchor));
  out += "| # | kernel | params | speedup | interval | time | roofline | evaluation |\n";
  out += "|--:|---|---|--:|---|--:|--:|--:|\n";
  for (const LeaderboardRow& row : rows) {
    const Speedup speedup = speedup_of(row);
    out += fmt::format("| {} | {} | {} | {:.2f}x | {:.2f} to {:.2f} | {} | {} | {} |\n", row.rank,
                       cell(row.kernel_name), cell(row.params), speedup.value, speedup.low,
                       speedup.high, format_time(row.median_ns), share(row.roofline_share),
                       row.evaluation_id);
  }
  out += "\nTo repeat them:\n\n";
  // An indented block: no text in it can end it.
  for (const LeaderboardRow& row : rows) {
    out += fmt::format("    {}  # {}\n", row.command, row.evaluation_id);
  }
  out += "\n";
}

void campaigns(std::string& out, const std::vector<CampaignView>& views) {
  if (views.empty()) return;
  out += "| campaign | problem | strategy | asked | failed | best screened | state |\n";
  out += "|--:|---|---|--:|--:|--:|---|\n";
  for (const CampaignView& it : views) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", it.record.id,
                       cell(it.record.problem.canonical()), cell(it.record.strategy), it.asked,
                       it.failed,
                       it.improvements.empty() ? "-" : format_time(it.improvements.back().ns),
                       cell(it.record.state));
  }
  out += "\n";
}

void outcomes(std::string& out, const std::vector<OutcomeCount>& counts) {
  if (counts.empty()) return;
  out += "| outcome | rule | evaluations |\n|---|---|--:|\n";
  for (const OutcomeCount& count : counts) {
    out += fmt::format("| {} | {} | {} |\n", cell(std::string(name_of(count.outcome))),
                       cell(count.rule), count.count);
  }
  out += "\n";
}

std::string render(const Report& report) {
  std::string out =
      fmt::format("# kbench report\n\n{}, kbench {}\n\n", report.when, report.version);
  for (const TaskReport& task : report.tasks) {
    out += fmt::format("## {}\n\n", cell(task.task));
    for (const auto& rows : rankings_of(task.leaderboard)) ranking(out, rows);
    campaigns(out, task.campaigns);
    outcomes(out, task.outcomes);
  }
  if (report.tasks.empty()) out += "Nothing is stored yet.\n";
  return out;
}

const bool kRegistered =
    report_formats().add("md", {"leaderboards, campaigns and outcomes as tables", render});

}  // namespace

}  // namespace kbench
