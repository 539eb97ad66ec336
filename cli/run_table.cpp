#include "cli/run_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/terminal.hpp"
#include "cli/verdict.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

using Align = Table::Align;

std::string file_of(const Candidate& candidate) {
  return std::filesystem::path(candidate.kernel_name).filename();
}

void add(Table& table, const Confirmed& row) {
  const Evaluation& evaluation = row.confirmation.evaluation;
  const auto& against = row.confirmation.against_anchor;
  table.add({std::to_string(row.evaluation_id), file_of(row.candidate),
             format_time(evaluation.timing.median_ns),
             against ? comparison_text(*against) : "1x (the anchor)",
             fmt::format("{:.0f} %", 100 * evaluation.roofline_share),
             fmt::format("{:+.1f} %", 100 * row.confirmation.shrinkage)},
            canonical(row.candidate.params));
}

std::string kernels_text(const CampaignResult& result) {
  Table table({"id", "kernel", "time", "speed-up over the anchor", "roofline", "shrinkage"},
              {Align::right, Align::left, Align::right, Align::left, Align::right, Align::right});
  bool anchor_shown = false;
  for (const Confirmed& row : result.finalists) {
    add(table, row);
    anchor_shown |= result.anchor && row.evaluation_id == result.anchor->evaluation_id;
  }
  if (result.anchor && !anchor_shown) add(table, *result.anchor);
  const bool none_better = result.anchor && result.finalists.size() > 1 &&
                           result.incumbent->evaluation_id == result.anchor->evaluation_id;
  return table.text() + (none_better ? "none of them is proved faster than the anchor\n" : "");
}

// The row of a baseline, or why there is none.
void add_baseline(Table& table, const CampaignResult& result, const Candidate& baseline) {
  const auto found = std::find_if(
      result.baselines.begin(), result.baselines.end(),
      [&](const Confirmed& row) { return row.candidate.kernel_text == baseline.kernel_text; });
  if (found == result.baselines.end()) {
    table.add({"", file_of(baseline), "-", "not compared: no time was left"});
    return;
  }
  const Evaluation& evaluation = found->confirmation.evaluation;
  const auto& against = found->confirmation.against_incumbent;
  const std::string id = std::to_string(found->evaluation_id);
  if (evaluation.outcome == Outcome::ok && against) {
    table.add({id, file_of(baseline), format_time(evaluation.timing.median_ns),
               comparison_text(reversed(*against))});
  } else {
    const std::string why = evaluation.message.empty() ? "no comparison" : evaluation.message;
    table.add({id, file_of(baseline), "-",
               shortened(std::string(name_of(evaluation.outcome)) + ": " + why, 60)});
  }
}

}  // namespace

std::string result_table(const CampaignResult& result, const std::vector<Candidate>& baselines) {
  if (!result.incumbent) return "nothing could be confirmed\n";
  std::string text = kernels_text(result);
  const bool reached = result.ended_by != "interrupted" || !result.baselines.empty();
  if (baselines.empty() || !reached) return text;
  Table table({"id", "vendor's kernel", "time", "the best beside it, timed in pairs"},
              {Align::right, Align::left, Align::right, Align::left});
  for (const Candidate& baseline : baselines) add_baseline(table, result, baseline);
  return text + "\n" + table.text();
}

std::string front_table(const std::vector<FrontRow>& front,
                        const std::vector<Objective>& objectives) {
  if (front.empty()) return {};
  std::vector<std::string> headers = {"id", "kernel", "time, screened"};
  std::vector<Align> align = {Align::right, Align::left, Align::right};
  for (const Objective& each : objectives) {
    headers.push_back(each.name + ", " + each.unit);
    align.push_back(Align::right);
  }
  Table table(headers, align);
  for (const FrontRow& row : front) {
    std::vector<std::string> cells = {std::to_string(row.evaluation_id), file_of(row.candidate),
                                      format_time(row.values[0])};
    for (size_t i = 1; i < row.values.size(); ++i) {
      cells.push_back(fmt::format("{:.7g}", row.values[i]));
    }
    table.add(cells, canonical(row.candidate.params));
  }
  return "\nnone is beaten in every one of " + text_of(objectives) + "\n" + table.text();
}

nlohmann::json end_event(const CampaignResult& result, const std::string& resume_command) {
  auto row_of = [](const Confirmed& row) {
    return nlohmann::json{{"evaluation_id", row.evaluation_id},
                          {"kernel", row.candidate.kernel_name},
                          {"confirmation", row.confirmation}};
  };
  nlohmann::json line = {{"event", "end"},
                         {"campaign", result.id},
                         {"ended_by", result.ended_by},
                         {"evaluations", result.progress.spent.evaluations},
                         {"failures", result.progress.failures},
                         {"resume", resume_command},
                         {"baselines", nlohmann::json::array()}};
  if (result.incumbent) line["best"] = row_of(*result.incumbent);
  if (result.anchor) line["anchor"] = row_of(*result.anchor);
  for (const Confirmed& row : result.baselines) line["baselines"].push_back(row_of(row));
  for (const FrontRow& row : result.front) {
    line["front"].push_back({{"evaluation_id", row.evaluation_id},
                             {"kernel", row.candidate.kernel_name},
                             {"params", row.candidate.params},
                             {"values", row.values}});
  }
  return line;
}

}  // namespace kbench
