#include "cli/run_report.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/run_table.hpp"
#include "cli/terminal.hpp"
#include "cli/verdict.hpp"
#include "core/text.hpp"
#include "harness/disturbances.hpp"
#include "search/models/model_replay.hpp"

namespace kbench {

namespace {

using nlohmann::json;

std::string label_of(const Candidate& candidate) {
  const std::string params = canonical(candidate.params);
  return std::filesystem::path(candidate.kernel_name).filename().string() +
         (params.empty() ? "" : " " + params);
}

uint64_t configurations(const CampaignSetup& setup) {
  uint64_t points = 0;
  for (const SearchKernel& kernel : setup.kernels) points += kernel.space.size();
  return points;
}

json start_event(const CampaignSetup& setup, int64_t campaign) {
  std::vector<std::string> kernels, baselines;
  for (const SearchKernel& kernel : setup.kernels) kernels.push_back(kernel.file.name);
  for (const Candidate& baseline : setup.baselines) baselines.push_back(baseline.kernel_name);
  return {{"event", "start"},           {"campaign", campaign},
          {"problem", setup.problem},   {"kernels", kernels},
          {"baselines", baselines},     {"configurations", configurations(setup)},
          {"strategy", setup.strategy}, {"budget", setup.budget.text()},
          {"seed", setup.seed}};
}

}  // namespace

RunReport::RunReport(const CampaignSetup& setup, bool json, bool quiet, std::atomic<bool>& stop)
    : setup_(setup),
      title_(setup.problem.task + "  " + setup.problem.canonical()),
      json_(json),
      quiet_(quiet),
      live_(is_terminal(stdout)),
      stop_(stop) {}

// Never throws: whoever read the output may be gone, and the campaign is to end in good order.
void RunReport::print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  if (std::ferror(stdout) != 0) stop_ = true;
}

// On a terminal the next line is written over it.
void RunReport::passing(const std::string& text) {
  if (json_ || quiet_) return;
  print(live_ ? "\r\033[K" + shortened(text, width_of_terminal() - 1) : text + "\n");
  open_line_ = live_;
}

void RunReport::lasting(const std::string& text) {
  if (json_ || quiet_) return;
  print((open_line_ ? "\r\033[K" : "") + text + "\n");
  open_line_ = false;
}

void RunReport::on_start(int64_t campaign) {
  campaign_ = campaign;
  if (json_) return print(start_event(setup_, campaign).dump() + "\n");
  lasting(paint(title_, Colour::bold));
  lasting(fmt::format("campaign {}: {} kernels, {} configurations, strategy {}, budget {}, seed {}",
                      campaign, setup_.kernels.size(), configurations(setup_), setup_.strategy,
                      setup_.budget.text(), setup_.seed));
  for (const std::string& warning : disturbances()) {
    lasting(paint("note:", Colour::yellow) + " " + warning);
  }
}

void RunReport::on_phase(CampaignPhase phase) {
  if (json_) return print(json{{"event", "phase"}, {"phase", name_of(phase)}}.dump() + "\n");
  if (phase == CampaignPhase::replaying) passing("taking up what is stored");
}

void RunReport::on_confirming(const Candidate& candidate) {
  if (json_) {
    return print(json{{"event", "confirming"},
                      {"kernel", candidate.kernel_name},
                      {"params", candidate.params}}
                     .dump() +
                 "\n");
  }
  // Elsewhere than on a terminal its end says enough.
  if (live_) passing("confirming " + label_of(candidate));
}

void RunReport::on_evaluation(const CampaignProgress& progress, const Candidate& candidate,
                              const Evaluation& evaluation) {
  if (json_) {
    return print(
        json{{"event", "evaluation"}, {"kernel", candidate.kernel_name}, {"evaluation", evaluation}}
            .dump() +
        "\n");
  }
  const bool better =
      progress.best_screened_ns > 0 && (best_ns_ == 0 || progress.best_screened_ns < best_ns_);
  const auto now = std::chrono::steady_clock::now();
  // Plain output gets a line for every improvement and a sign of life every ten seconds.
  const auto pause = live_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  if (!better && now - shown_ < pause) return;
  shown_ = now;
  best_ns_ = progress.best_screened_ns;
  if (better) best_label_ = label_of(candidate);
  passing(fmt::format("{:3.0f} %  {:4} evaluations  {:3} failed  best {:>7}  {}",
                      100 * progress.budget_used, progress.spent.evaluations, progress.failures,
                      best_ns_ > 0 ? format_time(best_ns_) : "-", best_label_));
}

void RunReport::on_confirmation(const Candidate& candidate, const Confirmation& confirmation,
                                bool promoted) {
  if (json_) {
    return print(json{{"event", "confirmation"},
                      {"kernel", candidate.kernel_name},
                      {"promoted", promoted},
                      {"confirmation", confirmation}}
                     .dump() +
                 "\n");
  }
  const Evaluation& evaluation = confirmation.evaluation;
  if (evaluation.outcome != Outcome::ok) {
    return lasting(fmt::format("not confirmed: {}: {}\n  {}", name_of(evaluation.outcome),
                               shortened(evaluation.message, width_of_terminal()),
                               label_of(candidate)));
  }
  std::string text = "confirmed  " + format_time(evaluation.timing.median_ns);
  if (confirmation.against_anchor) {
    text += ", against the anchor " + comparison_text(*confirmation.against_anchor);
  } else if (confirmation.against_incumbent) {
    text += ", against the best " + comparison_text(*confirmation.against_incumbent);
  } else {
    text += ", the anchor";
    promoted = false;
  }
  lasting(text + (promoted ? ", the new best" : "") + "\n  " + label_of(candidate));
}

void RunReport::on_proposal(const StoredProposal& proposal) {
  models_.add(proposal);
  if (json_) {
    return print(json{{"event", "proposal"},
                      {"number", proposal.number},
                      {"step", proposal.step},
                      {"model", proposal.model},
                      {"outcome", proposal.outcome},
                      {"message", proposal.message},
                      {"kernel_hash", proposal.kernel_hash},
                      {"attempts", proposal.attempts},
                      {"usd", static_cast<double>(proposal.nano_usd) / 1e9}}
                     .dump() +
                 "\n");
  }
  std::string text = fmt::format("proposal {}: {} by {}: {}", proposal.number, proposal.step,
                                 proposal.model, proposal.outcome);
  if (!proposal.message.empty())
    text += ": " + proposal.message.substr(0, proposal.message.find('\n'));
  lasting(shortened(text, width_of_terminal()));
}

void RunReport::on_precheck(const StoredPrecheck& precheck) {
  models_.add(precheck);
  if (!json_) return;
  json event = {
      {"event", "precheck"},         {"number", precheck.number},
      {"model", precheck.model},     {"outcome", precheck.outcome},
      {"message", precheck.message}, {"usd", static_cast<double>(precheck.nano_usd) / 1e9}};
  if (precheck.foretold) {
    event["foretold"] = {{"compiles", precheck.foretold->compiles},
                         {"right", precheck.foretold->right},
                         {"cheats", precheck.foretold->cheats}};
  }
  print(event.dump() + "\n");
}

void RunReport::finish_replay(const ReplayedModels& replayed, int64_t campaign) {
  if (json_) {
    return print(json{{"event", "replayed"},
                      {"campaign", campaign},
                      {"prompts", replayed.prompts},
                      {"verdicts", replayed.verdicts}}
                     .dump() +
                 "\n");
  }
  if (open_line_) print("\r\033[K");
  print(
      (quiet_ ? "" : "\n") + result_table(replayed.result, setup_.baselines) +
      fmt::format("campaign {} replayed: {} prompts and {} verdicts, every decision as recorded\n",
                  campaign, replayed.prompts, replayed.verdicts));
}

void RunReport::finish(const CampaignResult& result, const std::string& database,
                       const std::string& again) {
  if (json_) {
    json line = end_event(result, again);
    if (!models_.empty()) line["models"] = models_.json();
    return print(line.dump() + "\n");
  }
  if (open_line_) print("\r\033[K");
  std::string text = (quiet_ ? "" : "\n") + paint(title_, Colour::bold) + "\n" +
                     result_table(result, setup_.baselines) +
                     front_table(result.front, setup_.objectives);
  text += fmt::format("{} evaluations, {} failed, ended by {}; campaign {} in {}\n",
                      result.progress.spent.evaluations, result.progress.failures, result.ended_by,
                      result.id, database);
  if (!models_.empty()) text += "\n" + models_.text() + "\n";
  if (result.ended_by == "interrupted") {
    text += "go on with: " + again + "\n";
  } else if (result.incumbent) {
    text += fmt::format("more about the best: kbench show {} --db {}\n",
                        result.incumbent->evaluation_id, database);
  }
  print(text);
}

}  // namespace kbench
