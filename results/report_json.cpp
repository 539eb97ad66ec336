#include <nlohmann/json.hpp>

#include "results/report.hpp"

namespace kbench {

namespace {

using nlohmann::ordered_json;

ordered_json row_json(const LeaderboardRow& row) {
  return {{"rank", row.rank},
          {"problem", row.problem},
          {"device_model", row.device_model},
          {"threads", row.threads},
          {"anchor", row.anchor},
          {"kernel", row.kernel_name},
          {"params", row.params},
          {"language", row.language},
          {"compiler", row.compiler},
          {"ratio_to_anchor", row.ratio_to_anchor},
          {"ratio_low", row.low},
          {"ratio_high", row.high},
          {"median_ns", row.median_ns},
          {"roofline_share", row.roofline_share},
          {"evaluation", row.evaluation_id},
          {"recorded", row.when},
          {"command", row.command}};
}

ordered_json campaign_json(const CampaignView& campaign) {
  const CampaignRecord& record = campaign.record;
  ordered_json improvements = ordered_json::array();
  for (const CurvePoint& point : campaign.improvements) {
    improvements.push_back({{"sequence", point.sequence}, {"ns", point.ns}});
  }
  ordered_json environment = ordered_json::object();
  for (const auto& [name, value] : campaign.environment) environment[name] = value;
  return {{"campaign", record.id},
          {"problem", record.problem.canonical()},
          {"device", record.device},
          {"strategy", record.strategy},
          {"seed", record.seed},
          {"state", record.state},
          {"started", record.started},
          {"ended", record.ended},
          {"command", record.command},
          {"asked", campaign.asked},
          {"failed", campaign.failed},
          {"improvements", std::move(improvements)},
          {"environment", std::move(environment)}};
}

std::string render(const Report& report) {
  ordered_json tasks = ordered_json::array();
  for (const TaskReport& task : report.tasks) {
    ordered_json rows = ordered_json::array();
    for (const LeaderboardRow& row : task.leaderboard) rows.push_back(row_json(row));
    ordered_json campaigns = ordered_json::array();
    for (const CampaignView& campaign : task.campaigns) {
      campaigns.push_back(campaign_json(campaign));
    }
    ordered_json outcomes = ordered_json::array();
    for (const OutcomeCount& count : task.outcomes) {
      outcomes.push_back(
          {{"outcome", name_of(count.outcome)}, {"rule", count.rule}, {"count", count.count}});
    }
    tasks.push_back({{"task", task.task},
                     {"leaderboard", std::move(rows)},
                     {"campaigns", std::move(campaigns)},
                     {"outcomes", std::move(outcomes)}});
  }
  const ordered_json document = {{"format", "kbench-report-1"},
                                 {"generated", report.when},
                                 {"kbench", report.version},
                                 {"tasks", std::move(tasks)}};
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

const bool kRegistered =
    report_formats().add("json", {"everything in the report, for programs", render});

}  // namespace

}  // namespace kbench
