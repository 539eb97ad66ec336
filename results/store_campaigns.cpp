#include "results/columns.hpp"
#include "results/encoding.hpp"
#include "results/store_state.hpp"

namespace kbench {

namespace {

constexpr std::string_view kCampaigns =
    "SELECT c.id, c.task, c.device, c.strategy, c.command, c.options, c.kernels, c.seed, c.state, "
    "c.environment, c.started_ms, c.ended_ms, p.task, p.variant, p.dims, p.fill, p.cache, "
    "p.threads FROM campaigns c JOIN problems p ON p.id = c.problem";

CampaignRecord read_campaign(Query& row) {
  CampaignRecord campaign;
  campaign.id = row.integer();
  campaign.task = row.text();
  campaign.device = row.text();
  campaign.strategy = row.text();
  campaign.command = row.text();
  campaign.options_json = row.text();
  campaign.kernels_json = row.text();
  campaign.seed = static_cast<uint64_t>(row.integer());
  campaign.state = row.text();
  campaign.environment_json = row.text();
  campaign.started = iso_time(row.integer());
  const bool open = row.is_null();
  const int64_t ended_ms = row.integer();
  if (!open) campaign.ended = iso_time(ended_ms);
  campaign.problem = read_problem(row);
  return campaign;
}

}  // namespace

Result<std::optional<CampaignRecord>> Store::campaign(int64_t id) const {
  Query query(state_->database, std::string(kCampaigns) + " WHERE c.id = ?1");
  const auto row = query.bind(id).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  return read_campaign(query);
}

Result<std::vector<CampaignRecord>> Store::campaigns() const {
  Query query(state_->database, std::string(kCampaigns) + " ORDER BY c.id");
  std::vector<CampaignRecord> campaigns;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return campaigns;
    campaigns.push_back(read_campaign(query));
  }
}

Result<std::vector<LoggedAsk>> Store::asks(int64_t campaign) const {
  Query query(state_->database, R"sql(
    SELECT q.sequence, s.hash, a.json, q.evaluation, e.outcome, e.evidence, e.median_ns
    FROM asks q
      JOIN sources s ON s.id = q.source
      JOIN params a ON a.id = q.params
      LEFT JOIN evaluations e ON e.id = q.evaluation
    WHERE q.campaign = ?1 ORDER BY q.sequence)sql");
  query.bind(campaign);
  std::vector<LoggedAsk> asks;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return asks;
    LoggedAsk& ask = asks.emplace_back();
    ask.sequence = query.integer();
    ask.kernel_hash = query.hash();
    ask.params = from_text<Params>(query.text());
    if (query.is_null()) continue;
    ask.evaluation_id = query.integer();
    ask.outcome = parse_outcome(query.bytes()).value_or(Outcome::internal_error);
    const Evidence evidence = parse_evidence(query.bytes()).value_or(Evidence::none);
    if (ask.outcome == Outcome::ok && evidence >= Evidence::screened) {
      ask.value_ns = query.real();
    }
  }
}

}  // namespace kbench
