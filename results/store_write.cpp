#include "core/hash.hpp"
#include "harness/environment.hpp"
#include "results/columns.hpp"
#include "results/encoding.hpp"
#include "results/intern.hpp"
#include "results/store_state.hpp"

namespace kbench {

namespace {

std::optional<std::string_view> unless_empty(const std::string& text) {
  if (text.empty()) return {};
  return text;
}

// What the evaluation row refers to.
struct References {
  int64_t candidate = 0, problem = 0, platform = 0, source = 0;
  std::optional<int64_t> log;
};

Result<References> refer(Database& database, const Candidate& candidate,
                         const Evaluation& evaluation, const std::string& kernel_hash) {
  References to;
  const auto keep = [](const Result<int64_t>& id, int64_t& into) {
    if (id) into = *id;
    return id.map([](int64_t) {});
  };
  Result<void> ok =
      keep(candidate_id(database, candidate, kernel_hash, evaluation.candidate_hash), to.candidate);
  if (ok) ok = keep(problem_id(database, evaluation.problem), to.problem);
  if (ok) ok = keep(platform_id(database, evaluation, kJudgeVersion), to.platform);
  if (ok && !evaluation.log.empty()) {
    ok = keep(text_id(database, evaluation.log), to.log.emplace());
  }
  if (!ok) return tl::unexpected(ok.error());
  return to;
}

Result<int64_t> insert_evaluation(Database& database, int64_t campaign, int64_t sequence,
                                  const Evaluation& evaluation, const References& to,
                                  const std::string& command, int64_t parent) {
  const std::string samples = pack(evaluation.timing.samples_ns);
  const std::string notes = evaluation.notes.empty() ? "" : dump(evaluation.notes);
  const Timing& timing = evaluation.timing;
  const Costs& costs = evaluation.costs;
  Query query(database, R"sql(
    INSERT INTO evaluations (campaign, sequence, candidate, problem, platform, outcome, evidence,
      rule, message, recorded_ms, median_ns, min_ns, q1_ns, q3_ns, max_ns, outliers,
      roofline_share, flops, bytes, prepare_ns, code_bytes, compile_ms, verify_ms, screen_ms,
      kernel_ms, harness_ms, seed, parent, build_hash, equivalent_hash, log, notes, command,
      samples, call_joules, rms_error, workspace_bytes)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
      ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37))sql");
  query.bind(campaign, sequence, to.candidate, to.problem, to.platform, name_of(evaluation.outcome),
             name_of(evaluation.evidence), unless_empty(evaluation.rule),
             unless_empty(evaluation.message), milliseconds_now(), timing.median_ns, timing.min_ns,
             timing.q1_ns, timing.q3_ns, timing.max_ns, timing.outliers, evaluation.roofline_share,
             evaluation.flops, evaluation.bytes, evaluation.prepare_ns, evaluation.code_bytes,
             costs.compile_ms, costs.verify_ms, costs.screen_ms, costs.kernel_ms, costs.harness_ms,
             evaluation.seed, parent == 0 ? std::nullopt : std::optional(parent),
             HexHash{evaluation.build_hash}, HexHash{evaluation.equivalent_hash}, to.log,
             unless_empty(notes), command, Blob{samples},
             evaluation.call_joules > 0 ? std::optional(evaluation.call_joules) : std::nullopt,
             evaluation.rms_error, evaluation.workspace_bytes);
  if (auto ran = query.run(); !ran) return tl::unexpected(ran.error());
  return database.last_id();
}

Result<void> insert_comparison(Database& database, int64_t evaluation, std::string_view against,
                               const std::optional<Comparison>& comparison) {
  if (!comparison) return {};
  const std::string ratios = pack(comparison->log_ratios);
  Query query(database,
              "INSERT INTO comparisons (evaluation, against, verdict, ratio, low, high, "
              "confidence, launches, pairs, a_ns, b_ns, log_ratios) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
  query.bind(evaluation, against, name_of(comparison->verdict), comparison->ratio, comparison->low,
             comparison->high, comparison->confidence, comparison->launches, comparison->pairs,
             comparison->a_ns, comparison->b_ns, Blob{ratios});
  return query.run();
}

Result<void> insert_confirmation(Database& database, int64_t evaluation,
                                 const Confirmation& confirmation) {
  const std::string held_out = dump(confirmation.held_out);
  Query query(database,
              "INSERT INTO confirmations (evaluation, shrinkage, held_out) VALUES (?1, ?2, ?3)");
  if (auto ran = query.bind(evaluation, confirmation.shrinkage, held_out).run(); !ran) return ran;
  auto done = insert_comparison(database, evaluation, "anchor", confirmation.against_anchor);
  if (!done) return done;
  return insert_comparison(database, evaluation, "incumbent", confirmation.against_incumbent);
}

// Only a kernel that nothing was compared with can be what others are compared with.
bool is_anchor(const Confirmation& confirmation) {
  return !confirmation.against_anchor && !confirmation.against_incumbent;
}

Result<void> set_anchor(Database& database, int64_t campaign, int64_t candidate) {
  Query query(database, "UPDATE campaigns SET anchor = ?2 WHERE id = ?1");
  return query.bind(campaign, candidate).run();
}

// The leaderboard's row of this candidate: the newest confirmation takes the place of older ones.
Result<void> update_standings(Database& database, int64_t campaign, int64_t evaluation,
                              const References& to, const Confirmation& confirmation) {
  if (!is_anchor(confirmation) && !confirmation.against_anchor) return {};
  const Comparison itself;  // ratio 1
  const Comparison& anchor = confirmation.against_anchor.value_or(itself);
  Query query(database, R"sql(
    INSERT INTO standings (problem, device_model, anchor, candidate, evaluation, ratio, low, high)
    SELECT ?1, ?2, coalesce(anchor, 0), ?3, ?4, ?5, ?6, ?7 FROM campaigns WHERE id = ?8
    ON CONFLICT (problem, device_model, anchor, candidate) DO UPDATE SET
      evaluation = excluded.evaluation, ratio = excluded.ratio, low = excluded.low,
      high = excluded.high)sql");
  return query
      .bind(to.problem, confirmation.evaluation.device_model, to.candidate, evaluation,
            anchor.ratio, anchor.low, anchor.high, campaign)
      .run();
}

// Whether an outcome says something of the kernel, and that is bad.
bool condemns(Outcome outcome) {
  return outcome != Outcome::ok && outcome != Outcome::internal_error &&
         outcome != Outcome::compile_timeout;
}

// What was confirmed once and is found wrong now stands no longer. Its evaluations stay.
Result<void> demote(Database& database, const References& to, const Evaluation& evaluation) {
  if (!condemns(evaluation.outcome)) return {};
  Query query(database,
              "DELETE FROM standings WHERE problem = ?1 AND device_model = ?2 AND candidate = ?3");
  return query.bind(to.problem, evaluation.device_model, to.candidate).run();
}

std::string kernel_hash_of(const Candidate& candidate, const Evaluation& evaluation) {
  // The judge leaves it out when the file did not even parse.
  return evaluation.kernel_hash.empty() ? sha256(candidate.kernel_text) : evaluation.kernel_hash;
}

}  // namespace

Result<int64_t> Store::begin_campaign(const CampaignRecord& campaign) {
  Database& database = state_->database;
  return change(*state_, [&]() -> Result<int64_t> {
    auto problem = problem_id(database, campaign.problem);
    if (!problem) return problem;
    Query query(database,
                "INSERT INTO campaigns (task, problem, device, strategy, options, kernels, seed, "
                "command, environment, state, started_ms) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    query.bind(campaign.task, *problem, campaign.device, campaign.strategy, campaign.options_json,
               campaign.kernels_json, campaign.seed, campaign.command, campaign.environment_json,
               campaign.state, milliseconds_now());
    if (auto ran = query.run(); !ran) return tl::unexpected(ran.error());
    return database.last_id();
  });
}

Result<void> Store::end_campaign(int64_t campaign, const std::string& state) {
  return change(*state_, [&] {
    Query query(state_->database, "UPDATE campaigns SET state = ?2, ended_ms = ?3 WHERE id = ?1");
    return query.bind(campaign, state, milliseconds_now()).run();
  });
}

Result<void> Store::record_intent(int64_t campaign, int64_t sequence,
                                  const std::string& kernel_hash, const Params& params) {
  Database& database = state_->database;
  return change(*state_, [&]() -> Result<void> {
    const auto source = source_id(database, kernel_hash);
    if (!source) return tl::unexpected(source.error());
    const auto params_row = params_id(database, params);
    if (!params_row) return tl::unexpected(params_row.error());
    Query query(database,
                "INSERT INTO asks (campaign, sequence, source, params) VALUES (?1, ?2, ?3, ?4) "
                "ON CONFLICT (campaign, sequence) DO NOTHING");
    return query.bind(campaign, sequence, *source, *params_row).run();
  });
}

Result<int64_t> Store::record(int64_t campaign, int64_t sequence, const Candidate& candidate,
                              const Evaluation& evaluation, const std::string& command,
                              int64_t parent) {
  Database& database = state_->database;
  return change(*state_, [&]() -> Result<int64_t> {
    const auto to = refer(database, candidate, evaluation, kernel_hash_of(candidate, evaluation));
    if (!to) return tl::unexpected(to.error());
    auto id = insert_evaluation(database, campaign, sequence, evaluation, *to, command, parent);
    if (!id) return id;
    if (auto done = demote(database, *to, evaluation); !done) return tl::unexpected(done.error());
    Query answered(database, R"sql(
      INSERT INTO asks (campaign, sequence, source, params, evaluation)
      SELECT ?1, ?2, kernels.source, candidates.params, ?4
      FROM candidates JOIN kernels ON kernels.id = candidates.kernel WHERE candidates.id = ?3
      ON CONFLICT (campaign, sequence) DO UPDATE SET evaluation = excluded.evaluation)sql");
    if (auto ran = answered.bind(campaign, sequence, to->candidate, *id).run(); !ran) {
      return tl::unexpected(ran.error());
    }
    return id;
  });
}

Result<int64_t> Store::record(int64_t campaign, const Candidate& candidate,
                              const Confirmation& confirmation, const std::string& command,
                              int64_t parent) {
  Database& database = state_->database;
  const Evaluation& evaluation = confirmation.evaluation;
  return change(*state_, [&]() -> Result<int64_t> {
    const auto to = refer(database, candidate, evaluation, kernel_hash_of(candidate, evaluation));
    if (!to) return tl::unexpected(to.error());
    auto id =
        insert_evaluation(database, campaign, confirmation.id, evaluation, *to, command, parent);
    if (!id) return id;
    auto done = insert_confirmation(database, *id, confirmation);
    const bool ranks =
        evaluation.outcome == Outcome::ok && evaluation.evidence == Evidence::confirmed;
    if (done && ranks && is_anchor(confirmation)) {
      done = set_anchor(database, campaign, to->candidate);
    }
    if (done && ranks) done = update_standings(database, campaign, *id, *to, confirmation);
    if (done) done = demote(database, *to, evaluation);
    if (!done) return tl::unexpected(done.error());
    return id;
  });
}

}  // namespace kbench
