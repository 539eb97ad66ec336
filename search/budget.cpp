#include "search/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/text.hpp"

namespace kbench {
namespace {

constexpr const char* kForms =
    "write '30s', '2m', '500evals', 'stall=50', 'stall=20proposals', 'roofline=90%', '5usd', "
    "'20proposals' or several, joined by commas";
constexpr double kNanoPerUsd = 1e9, kMostUsd = 1e9;

bool strip_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

Result<int64_t> positive(std::string_view digits, std::string_view part) {
  auto count = parse_integer(trim(digits));
  if (!count) return bad_input(fmt::format("'{}' is no budget", part), "--budget", kForms);
  if (*count < 1)
    return bad_input(fmt::format("a budget of '{}' allows nothing", part), "--budget");
  return count;
}

Result<void> add(Budget& budget, std::string_view part) {
  std::string_view rest = part;
  if (part.starts_with("stall=")) {
    rest = part.substr(6);
    const bool proposals = strip_suffix(rest, "proposals") || strip_suffix(rest, "proposal");
    auto count = positive(rest, part);
    if (!count) return tl::unexpected(count.error());
    (proposals ? budget.stall_proposals : budget.stall) = *count;
  } else if (strip_suffix(rest, "evals") || strip_suffix(rest, "eval")) {
    auto count = positive(rest, part);
    if (!count) return tl::unexpected(count.error());
    budget.evaluations = *count;
  } else if (strip_suffix(rest, "proposals") || strip_suffix(rest, "proposal")) {
    auto count = positive(rest, part);
    if (!count) return tl::unexpected(count.error());
    budget.proposals = *count;
  } else if (strip_suffix(rest, "usd")) {
    auto dollars = parse_number(trim(rest));
    if (!dollars || !(*dollars > 0 && *dollars < kMostUsd)) {
      return bad_input(fmt::format("'{}' is no budget", part), "--budget", kForms);
    }
    budget.nano_usd = std::llround(*dollars * kNanoPerUsd);
  } else if (part.starts_with("roofline=")) {
    rest = part.substr(9);
    const bool percent = strip_suffix(rest, "%");
    auto share = parse_number(rest);
    if (!share) return bad_input(fmt::format("'{}' is no budget", part), "--budget", kForms);
    if (percent) *share /= 100;
    if (!(*share > 0 && *share <= 1)) {
      return bad_input(fmt::format("'{}' is no share of the roofline", part), "--budget",
                       "above 0 and at most 100%");
    }
    budget.roofline_share = *share;
  } else {
    auto wall = parse_duration(part);
    if (!wall) return bad_input(fmt::format("'{}' is no budget", part), "--budget", kForms);
    if (wall->count() <= 0) {
      return bad_input(fmt::format("a budget of '{}' allows nothing", part), "--budget");
    }
    budget.wall = *wall;
  }
  return {};
}

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

std::string Budget::text() const {
  std::vector<std::string> parts;
  const int64_t wall_ms = wall ? wall->count() / 1'000'000 : 0;
  if (wall) {
    parts.push_back(wall_ms % 1000 == 0 ? fmt::format("{}s", wall_ms / 1000)
                                        : fmt::format("{}ms", wall_ms));
  }
  if (evaluations) parts.push_back(fmt::format("{}evals", *evaluations));
  if (stall) parts.push_back(fmt::format("stall={}", *stall));
  if (stall_proposals) parts.push_back(fmt::format("stall={}proposals", *stall_proposals));
  if (roofline_share) parts.push_back(fmt::format("roofline={}", *roofline_share));
  if (nano_usd) parts.push_back(fmt::format("{}usd", static_cast<double>(*nano_usd) / kNanoPerUsd));
  if (proposals) parts.push_back(fmt::format("{}proposals", *proposals));
  return join(parts, ",");
}

Result<Budget> parse_budget(std::string_view text) {
  Budget budget;
  for (const std::string& part : split(text, ',')) {
    if (auto added = add(budget, trim(part)); !added) return tl::unexpected(added.error());
  }
  return budget;
}

std::string exhausted(const Budget& budget, const Spent& spent, std::chrono::nanoseconds reserve) {
  if (budget.evaluations && spent.evaluations >= *budget.evaluations) {
    return fmt::format("{} evaluations", *budget.evaluations);
  }
  if (budget.wall && spent.wall + reserve >= *budget.wall) {
    return fmt::format("{:g} s", seconds(*budget.wall));
  }
  if (budget.stall && spent.since_improvement >= *budget.stall) {
    return fmt::format("{} evaluations without a faster one", *budget.stall);
  }
  if (budget.stall_proposals &&
      spent.proposals_told - spent.improved_at_proposal >= *budget.stall_proposals) {
    return fmt::format("{} proposals without a faster kernel", *budget.stall_proposals);
  }
  if (budget.roofline_share && spent.roofline_share >= *budget.roofline_share) {
    return fmt::format("{:.0f} % of the roofline reached", 100 * spent.roofline_share);
  }
  if (budget.nano_usd && spent.nano_usd >= *budget.nano_usd) {
    return fmt::format("{:g} usd", static_cast<double>(*budget.nano_usd) / kNanoPerUsd);
  }
  if (budget.proposals && spent.proposals >= *budget.proposals) {
    return fmt::format("{} proposals", *budget.proposals);
  }
  return {};
}

double progress(const Budget& budget, const Spent& spent) {
  double used = 0;
  auto count = [&](double part, double whole) { used = std::max(used, part / whole); };
  if (budget.evaluations) {
    count(static_cast<double>(spent.evaluations), static_cast<double>(*budget.evaluations));
  }
  if (budget.wall) count(seconds(spent.wall), seconds(*budget.wall));
  if (budget.stall) {
    count(static_cast<double>(spent.since_improvement), static_cast<double>(*budget.stall));
  }
  if (budget.nano_usd) {
    count(static_cast<double>(spent.nano_usd), static_cast<double>(*budget.nano_usd));
  }
  if (budget.proposals) {
    count(static_cast<double>(spent.proposals), static_cast<double>(*budget.proposals));
  }
  return std::min(used, 1.0);
}

}  // namespace kbench
