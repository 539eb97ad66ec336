#include "cli/run_report.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/terminal.hpp"
#include "cli/verdict.hpp"
#include "core/text.hpp"
#include "harness/environment.hpp"

namespace kbench {

namespace {

std::string short_name(const Candidate& candidate) {
  return std::filesystem::path(candidate.kernel_name).filename();
}

std::string label_of(const Candidate& candidate) {
  const std::string params = canonical(candidate.params);
  return short_name(candidate) + (params.empty() ? "" : " " + params);
}

}  // namespace

RunReport::RunReport(const Task& task, const CampaignSetup& setup, bool json, bool quiet)
    : title_(task.name + "  " + setup.problem.canonical()),
      json_(json),
      quiet_(quiet),
      live_(is_terminal(stdout)) {
  if (json_) return;
  uint64_t points = 0;
  for (const SearchKernel& kernel : setup.kernels) points += kernel.space.size();
  fmt::print("{}\n{} kernels, {} configurations, strategy {}, budget {}, seed {}\n",
             paint(title_, Colour::bold), setup.kernels.size(), points, setup.strategy,
             setup.budget.text(), setup.seed);
  for (const std::string& warning : disturbances()) {
    fmt::print("{} {}\n", paint("note:", Colour::yellow), warning);
  }
  std::fflush(stdout);
}

// On a terminal the last line is written over; elsewhere every line stays.
void RunReport::line(const std::string& text) {
  if (json_ || quiet_) return;
  if (live_) {
    fmt::print("\r\033[K{}", text);
    open_line_ = true;
  } else {
    fmt::print("{}\n", text);
  }
  std::fflush(stdout);
}

void RunReport::on_phase(CampaignPhase phase) {
  if (json_) {
    fmt::print("{}\n", nlohmann::json{{"event", "phase"}, {"phase", name_of(phase)}}.dump());
  } else {
    line(paint(name_of(phase), Colour::dim));
  }
}

void RunReport::on_evaluation(const CampaignProgress& progress, const Candidate& candidate,
                              const Evaluation& evaluation) {
  if (json_) {
    fmt::print("{}\n", nlohmann::json{{"event", "evaluation"},
                                      {"kernel", candidate.kernel_name},
                                      {"evaluation", evaluation}}
                           .dump());
    return;
  }
  const bool better =
      progress.best_screened_ns > 0 && (best_ns_ == 0 || progress.best_screened_ns < best_ns_);
  const auto now = std::chrono::steady_clock::now();
  // Plain output gets a line for every improvement and a sign of life every ten seconds.
  const auto pause = live_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  if (!better && now - shown_ < pause) return;
  shown_ = now;
  best_ns_ = progress.best_screened_ns;
  line(fmt::format("{:3.0f} %  {:5} evaluations  {:4} failed  best {}  {}",
                   100 * progress.budget_used, progress.spent.evaluations, progress.failures,
                   best_ns_ > 0 ? format_time(best_ns_) : "-", better ? label_of(candidate) : ""));
}

void RunReport::on_confirmation(const Candidate& candidate, const Confirmation& confirmation,
                                bool promoted) {
  if (json_) {
    fmt::print("{}\n", nlohmann::json{{"event", "confirmation"},
                                      {"kernel", candidate.kernel_name},
                                      {"promoted", promoted},
                                      {"confirmation", confirmation}}
                           .dump());
    return;
  }
  const Evaluation& evaluation = confirmation.evaluation;
  std::string what = evaluation.outcome == Outcome::ok
                         ? "confirmed at " + format_time(evaluation.timing.median_ns)
                         : std::string(name_of(evaluation.outcome)) + ": " + evaluation.message;
  if (confirmation.against_anchor) {
    what += ", " + comparison_text(*confirmation.against_anchor) + " of the anchor's speed";
  }
  line(label_of(candidate) + "  " + what + (promoted ? ", the new best" : ""));
}

void RunReport::finish_json(const CampaignResult& result) const {
  nlohmann::json line = {{"event", "end"},
                         {"campaign", result.id},
                         {"ended_by", result.ended_by},
                         {"evaluations", result.progress.spent.evaluations},
                         {"failures", result.progress.failures}};
  if (result.incumbent) {
    line["best"] = {{"evaluation_id", result.incumbent->evaluation_id},
                    {"kernel", result.incumbent->candidate.kernel_name},
                    {"confirmation", result.incumbent->confirmation}};
  }
  fmt::print("{}\n", line.dump());
}

void RunReport::finish(const CampaignResult& result, const std::string& database) {
  if (json_) return finish_json(result);
  if (open_line_) fmt::print("\r\033[K");
  using Align = Table::Align;
  Table table({"id", "kernel", "params", "time", "speed-up over naive", "roofline", "shrinkage"},
              {Align::right, Align::left, Align::left, Align::right, Align::left, Align::right,
               Align::right});
  auto add = [&](const Confirmed& row) {
    const Evaluation& evaluation = row.confirmation.evaluation;
    const auto& against = row.confirmation.against_anchor;
    table.add({std::to_string(row.evaluation_id), short_name(row.candidate),
               canonical(row.candidate.params), format_time(evaluation.timing.median_ns),
               against ? comparison_text(*against) : "1x (the anchor)",
               fmt::format("{:.0f} %", 100 * evaluation.roofline_share),
               fmt::format("{:+.1f} %", 100 * row.confirmation.shrinkage)});
  };
  bool anchor_shown = false;
  for (const Confirmed& row : result.finalists) {
    add(row);
    anchor_shown |= result.anchor && row.evaluation_id == result.anchor->evaluation_id;
  }
  if (result.anchor && !anchor_shown) add(*result.anchor);
  fmt::print("{}\n", paint(title_, Colour::bold));
  if (!table.empty()) fmt::print("{}", table.text());
  if (!result.incumbent) fmt::print("nothing could be confirmed\n");
  fmt::print("{} evaluations, {} failed, ended by {}; campaign {} in {}\n",
             result.progress.spent.evaluations, result.progress.failures, result.ended_by,
             result.id, database);
  if (result.ended_by == "interrupted") {
    fmt::print("go on with: kbench run --resume {} --db {}\n", result.id, database);
  } else if (result.incumbent) {
    fmt::print("kbench show {} --db {} tells everything about the best\n",
               result.incumbent->evaluation_id, database);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace kbench
