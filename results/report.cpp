#include "results/report.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/environment.hpp"
#include "results/encoding.hpp"

namespace kbench {

namespace {

std::vector<CurvePoint> evenly_picked(const std::vector<CurvePoint>& points) {
  if (points.size() <= kShownPoints) return points;
  std::vector<CurvePoint> picked;
  for (size_t i = 0; i < kShownPoints; ++i) {
    picked.push_back(points[i * points.size() / kShownPoints]);
  }
  return picked;
}

// Top-level names with their values as text; nested values as JSON.
std::vector<std::pair<std::string, std::string>> flatten(const std::string& environment_json) {
  std::vector<std::pair<std::string, std::string>> entries;
  const auto json = nlohmann::json::parse(environment_json, nullptr, false);
  if (!json.is_object()) return entries;
  for (const auto& [name, value] : json.items()) {
    entries.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return entries;
}

Result<CampaignView> view(const Store& store, const CampaignRecord& record) {
  const auto asks = store.asks(record.id);
  if (!asks) return tl::unexpected(asks.error());
  CampaignView campaign;
  campaign.record = record;
  campaign.environment = flatten(record.environment_json);
  campaign.asked = static_cast<int64_t>(asks->size());
  std::vector<CurvePoint> tried;
  for (const LoggedAsk& ask : *asks) {
    campaign.failed += ask.evaluation_id && ask.outcome != Outcome::ok ? 1 : 0;
    if (!ask.value_ns) continue;
    const CurvePoint point{ask.sequence, *ask.value_ns};
    tried.push_back(point);
    auto& best = campaign.improvements;
    if (best.empty() || point.ns < best.back().ns) best.push_back(point);
  }
  campaign.tried = evenly_picked(tried);
  return campaign;
}

}  // namespace

Registry<ReportFormat>& report_formats() {
  static Registry<ReportFormat> formats("report format");
  return formats;
}

Speedup speedup_of(const LeaderboardRow& row) {
  return {1 / row.ratio_to_anchor, 1 / row.high, 1 / row.low};
}

std::vector<std::vector<LeaderboardRow>> rankings_of(const std::vector<LeaderboardRow>& rows) {
  std::vector<std::vector<LeaderboardRow>> rankings;
  for (const LeaderboardRow& row : rows) {
    if (row.rank == 1 || rankings.empty()) rankings.emplace_back();
    rankings.back().push_back(row);
  }
  return rankings;
}

Result<Report> collect_report(const Store& store, const std::string& task, int best) {
  Report report{.when = iso_time(milliseconds_now()), .version = kbench_version(), .tasks = {}};
  std::map<std::string, TaskReport> tasks;
  auto rows = leaderboard(store, task, best);
  if (!rows) return tl::unexpected(rows.error());
  for (LeaderboardRow& row : *rows) tasks[row.task].leaderboard.push_back(std::move(row));

  auto campaigns = store.campaigns();
  if (!campaigns) return tl::unexpected(campaigns.error());
  std::reverse(campaigns->begin(), campaigns->end());
  for (const CampaignRecord& record : *campaigns) {
    if (!task.empty() && record.task != task) continue;
    auto& shown = tasks[record.task].campaigns;
    if (shown.size() >= kShownCampaigns) continue;
    auto campaign = view(store, record);
    if (!campaign) return tl::unexpected(campaign.error());
    shown.push_back(std::move(*campaign));
  }

  auto outcomes = store.outcomes(task);
  if (!outcomes) return tl::unexpected(outcomes.error());
  for (OutcomeCount& count : *outcomes) tasks[count.task].outcomes.push_back(std::move(count));
  for (auto& [name, section] : tasks) {
    section.task = name;
    report.tasks.push_back(std::move(section));
  }
  return report;
}

}  // namespace kbench
