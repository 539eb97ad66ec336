#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/registry.hpp"
#include "results/store.hpp"

namespace kbench {

// The screened time of one ask of a campaign.
struct CurvePoint {
  int64_t sequence = 0;
  double ns = 0;
};
// How a campaign went.
struct CampaignView {
  CampaignRecord record;
  int64_t asked = 0, failed = 0;
  std::vector<CurvePoint> improvements;  // each faster than all before it
  std::vector<CurvePoint> tried;         // at most kShownPoints of those that ran, evenly picked
  std::vector<std::pair<std::string, std::string>> environment;
};
inline constexpr size_t kShownPoints = 400;

struct TaskReport {
  std::string task;
  std::vector<LeaderboardRow> leaderboard;
  std::vector<CampaignView> campaigns;  // the newest first, at most kShownCampaigns
  std::vector<OutcomeCount> outcomes;
};
inline constexpr size_t kShownCampaigns = 8;

// What every format is fed from: nothing in it is formatted yet.
struct Report {
  std::string when;     // ISO 8601 UTC
  std::string version;  // of kbench
  std::vector<TaskReport> tasks;
};
// Of one task or all, with the `best` confirmed kernels of each ranking.
Result<Report> collect_report(const Store& store, const std::string& task = {}, int best = 10);

// A format is one file, results/report_<name>.cpp, that registers itself.
struct ReportFormat {
  std::string help;
  std::string (*render)(const Report& report);
};
Registry<ReportFormat>& report_formats();

// How many times as fast as the anchor, with its interval.
struct Speedup {
  double value = 1, low = 1, high = 1;
};
Speedup speedup_of(const LeaderboardRow& row);

// Rows of one ranking: the same problem, device model, threads and anchor.
std::vector<std::vector<LeaderboardRow>> rankings_of(const std::vector<LeaderboardRow>& rows);

}  // namespace kbench
