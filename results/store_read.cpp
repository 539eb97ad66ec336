#include "results/columns.hpp"
#include "results/encoding.hpp"
#include "results/store_state.hpp"

namespace kbench {

namespace {

// Everything about evaluations, in the order in which Reader takes it.
constexpr std::string_view kEvaluations = R"sql(
  SELECT e.id, e.campaign, e.sequence, e.outcome, e.evidence, e.rule, e.message, e.recorded_ms,
    e.median_ns, e.min_ns, e.q1_ns, e.q3_ns, e.max_ns, e.outliers, e.samples,
    e.roofline_share, e.flops, e.bytes, e.prepare_ns, e.call_joules, e.rms_error,
    e.workspace_bytes, e.code_bytes,
    e.compile_ms, e.verify_ms, e.screen_ms, e.kernel_ms, e.harness_ms,
    e.seed, e.parent, e.build_hash, e.equivalent_hash, e.notes, e.command, e.log,
    p.task, p.variant, p.dims, p.fill, p.cache, p.threads,
    f.device, f.device_model, f.compiler, f.target, f.sandbox,
    c.hash, a.json, k.name, k.language, k.compiler, s.hash, s.text
  FROM evaluations e
    JOIN problems p ON p.id = e.problem
    JOIN platforms f ON f.id = e.platform
    JOIN candidates c ON c.id = e.candidate
    JOIN params a ON a.id = c.params
    JOIN kernels k ON k.id = c.kernel
    JOIN sources s ON s.id = k.source
)sql";

template <class T>
std::optional<T> unless_null(Query& row, T (Query::*read)()) {
  if (!row.is_null()) return (row.*read)();
  row.skip();
  return std::nullopt;
}

void read_times(Query& row, Evaluation& evaluation) {
  Timing& timing = evaluation.timing;
  timing.median_ns = row.real();
  timing.min_ns = row.real();
  timing.q1_ns = row.real();
  timing.q3_ns = row.real();
  timing.max_ns = row.real();
  timing.outliers = static_cast<int>(row.integer());
  timing.samples_ns = unpack(row.bytes());
  evaluation.roofline_share = row.real();
  evaluation.flops = row.real();
  evaluation.bytes = row.real();
  evaluation.prepare_ns = row.real();
  evaluation.call_joules = row.real();
  evaluation.rms_error = unless_null(row, &Query::real);
  evaluation.workspace_bytes = unless_null(row, &Query::integer);
  evaluation.code_bytes = row.integer();
  evaluation.costs.compile_ms = row.real();
  evaluation.costs.verify_ms = row.real();
  evaluation.costs.screen_ms = row.real();
  evaluation.costs.kernel_ms = row.real();
  evaluation.costs.harness_ms = row.real();
}

// A row of kEvaluations; texts are left to the caller by their ids, 0 for none.
struct Row {
  StoredEvaluation stored;
  int64_t log = 0, source = 0;
};

Row read_row(Query& row) {
  Row read;
  StoredEvaluation& stored = read.stored;
  Evaluation& evaluation = stored.evaluation;
  stored.id = row.integer();
  stored.campaign = row.integer();
  stored.sequence = evaluation.id = row.integer();
  evaluation.outcome = parse_outcome(row.bytes()).value_or(Outcome::internal_error);
  evaluation.evidence = parse_evidence(row.bytes()).value_or(Evidence::none);
  evaluation.rule = row.text();
  evaluation.message = row.text();
  stored.when = iso_time(row.integer());
  read_times(row, evaluation);
  evaluation.seed = static_cast<uint64_t>(row.integer());
  stored.parent = row.integer();
  evaluation.build_hash = row.hash();
  evaluation.equivalent_hash = row.hash();
  evaluation.notes = from_text<std::vector<std::string>>(row.text());
  stored.command = row.text();
  read.log = row.integer();
  evaluation.problem = read_problem(row);
  evaluation.device = row.text();
  evaluation.device_model = row.text();
  evaluation.compiler = row.text();
  evaluation.target = row.text();
  evaluation.sandbox = row.text();
  evaluation.candidate_hash = row.hash();
  evaluation.params = from_text<Params>(row.text());
  stored.kernel_name = row.text();
  stored.language = row.text();
  stored.compiler = row.text();
  evaluation.kernel_hash = row.hash();
  read.source = row.integer();
  return read;
}

Result<std::string> read_text(Database& database, int64_t id) {
  if (id == 0) return std::string();
  Query query(database, "SELECT zstd FROM texts WHERE id = ?1");
  const auto row = query.bind(id).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::string();
  return decompress(query.bytes());
}

Result<void> read_confirmation(Database& database, StoredEvaluation& stored) {
  Query confirmation(database,
                     "SELECT shrinkage, held_out FROM confirmations WHERE evaluation = ?1");
  const auto confirmed = confirmation.bind(stored.id).step();
  if (!confirmed) return tl::unexpected(confirmed.error());
  if (!*confirmed) return {};
  stored.shrinkage = confirmation.real();
  stored.held_out = from_text<std::vector<Problem>>(confirmation.text());

  Query query(database,
              "SELECT against, verdict, ratio, low, high, confidence, launches, pairs, a_ns, b_ns, "
              "log_ratios FROM comparisons WHERE evaluation = ?1");
  query.bind(stored.id);
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    auto& comparison =
        (query.bytes() == "anchor" ? stored.against_anchor : stored.against_incumbent).emplace();
    comparison.verdict = parse_verdict(query.bytes()).value_or(Verdict::inconclusive);
    comparison.ratio = query.real();
    comparison.low = query.real();
    comparison.high = query.real();
    comparison.confidence = query.real();
    comparison.launches = static_cast<int>(query.integer());
    comparison.pairs = static_cast<int>(query.integer());
    comparison.a_ns = query.real();
    comparison.b_ns = query.real();
    comparison.log_ratios = unpack(query.bytes());
  }
}

template <class State>
Result<StoredEvaluation> complete(State& state, Row row) {
  if (row.source != state.text_id) {
    auto text = read_text(state.database, row.source);
    if (!text) return tl::unexpected(text.error());
    state.text = std::move(*text);
    state.text_id = row.source;
  }
  row.stored.source = state.text;
  auto log = read_text(state.database, row.log);
  if (!log) return tl::unexpected(log.error());
  row.stored.evaluation.log = std::move(*log);
  if (auto done = read_confirmation(state.database, row.stored); !done) {
    return tl::unexpected(done.error());
  }
  return std::move(row.stored);
}

template <class State>
Result<std::optional<StoredEvaluation>> first_of(State& state, Query& query) {
  const auto row = query.step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  auto stored = complete(state, read_row(query));
  if (!stored) return tl::unexpected(stored.error());
  return std::move(*stored);
}

}  // namespace

Result<std::optional<StoredEvaluation>> Store::evaluation(int64_t id) const {
  Query query(state_->database, std::string(kEvaluations) + " WHERE e.id = ?1");
  return first_of(*state_, query.bind(id));
}

Result<std::optional<StoredEvaluation>> Store::find(const std::string& candidate_hash,
                                                    const Problem& problem,
                                                    const Conditions& conditions) const {
  const std::string canonical = problem.canonical();
  Query query(state_->database,
              std::string(kEvaluations) +
                  " WHERE c.hash = ?1 AND p.task = ?2 AND p.canonical = ?3 AND f.device_model = ?4 "
                  "AND f.judge_version = ?5 AND f.compiler = ?6 AND f.target = ?7 AND "
                  "?8 = (SELECT json_extract(environment, '$.task_hash') FROM campaigns WHERE "
                  "campaigns.id = e.campaign) ORDER BY e.id DESC LIMIT 1");
  query.bind(HexHash{candidate_hash}, problem.task, canonical, conditions.device_model,
             conditions.judge_version, conditions.compiler, conditions.target,
             conditions.task_hash);
  return first_of(*state_, query);
}

Result<void> Store::for_each(const std::function<bool(const StoredEvaluation&)>& visit,
                             const Selection& selection) const {
  const std::string_view evidence = selection.evidence ? name_of(*selection.evidence) : "";
  // The values are bound whether or not their condition is there: ?1 IS ?1 keeps them in use.
  std::string sql(kEvaluations);
  sql += " WHERE ?1 IS ?1 AND ?2 IS ?2 AND ?3 IS ?3 AND ?4 IS ?4";
  if (selection.campaign != 0) sql += " AND e.campaign = ?1";
  if (!selection.task.empty()) sql += " AND p.task = ?2";
  if (!selection.kernel_hash.empty()) sql += " AND s.hash = ?3";
  if (selection.evidence) sql += " AND e.evidence = ?4";
  sql += selection.newest_first ? " ORDER BY e.id DESC" : " ORDER BY e.id";
  Query query(state_->database, sql);
  query.bind(selection.campaign, selection.task, HexHash{selection.kernel_hash}, evidence);
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    const auto stored = complete(*state_, read_row(query));
    if (!stored) return tl::unexpected(stored.error());
    if (!visit(*stored)) return {};
  }
}

Result<std::optional<int64_t>> Store::best_screened(int64_t campaign) const {
  Query query(state_->database,
              "SELECT id FROM evaluations WHERE campaign = ?1 AND outcome = 'ok' AND "
              "evidence = 'screened' ORDER BY median_ns, id LIMIT 1");
  const auto row = query.bind(campaign).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  return query.integer();
}

Result<std::vector<OutcomeCount>> Store::outcomes(const std::string& task) const {
  Query query(state_->database,
              "SELECT p.task, e.outcome, coalesce(e.rule, ''), count(*) FROM evaluations e "
              "JOIN problems p ON p.id = e.problem WHERE ?1 IN ('', p.task) "
              "GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3");
  query.bind(task);
  std::vector<OutcomeCount> counts;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return counts;
    OutcomeCount& count = counts.emplace_back();
    count.task = query.text();
    count.outcome = parse_outcome(query.bytes()).value_or(Outcome::internal_error);
    count.rule = query.text();
    count.count = query.integer();
  }
}

}  // namespace kbench
