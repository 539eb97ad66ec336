#include "results/columns.hpp"
#include "results/encoding.hpp"
#include "results/store_state.hpp"

namespace kbench {

namespace {

// "BLOCK=64,VEC=8" from the stored JSON.
std::string configuration(Query& row) {
  return canonical(from_text<Params>(row.text()));
}

}  // namespace

// `standings` holds one row a candidate, already the latest: ranking reads its index alone, and
// only rows that are shown are looked up in the large tables.
Result<std::vector<LeaderboardRow>> leaderboard(const Store& store, const std::string& task,
                                                int best) {
  Query query(store.state_->database, R"sql(
    WITH ranked AS (
      SELECT problem, device_model, anchor, candidate, row_number() OVER (
        PARTITION BY problem, device_model, anchor ORDER BY ratio) AS rank
      FROM standings WHERE ?1 = '' OR problem IN (SELECT id FROM problems WHERE task = ?1))
    SELECT p.task, p.canonical, r.device_model, p.threads, r.rank, s.ratio, s.low, s.high,
      k.name, k.language, a.json, e.id, e.median_ns, e.roofline_share, e.recorded_ms, e.command,
      f.compiler, coalesce(anchor_kernel.name, ''), coalesce(anchor_params.json, ''),
      coalesce(anchor_kernel.compiler, ''), r.candidate = r.anchor, f.judge_version
    FROM ranked r
      JOIN standings s USING (problem, device_model, anchor, candidate)
      JOIN problems p ON p.id = r.problem
      JOIN evaluations e ON e.id = s.evaluation
      JOIN platforms f ON f.id = e.platform
      JOIN candidates c ON c.id = r.candidate
      JOIN kernels k ON k.id = c.kernel
      JOIN params a ON a.id = c.params
      LEFT JOIN candidates anchor ON anchor.id = r.anchor
      LEFT JOIN kernels anchor_kernel ON anchor_kernel.id = anchor.kernel
      LEFT JOIN params anchor_params ON anchor_params.id = anchor.params
    WHERE r.rank <= ?2
    ORDER BY p.task, p.canonical, r.device_model, r.anchor DESC, r.rank)sql");
  query.bind(task, best);
  std::vector<LeaderboardRow> rows;
  for (;;) {
    const auto found = query.step();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return rows;
    LeaderboardRow& row = rows.emplace_back();
    row.task = query.text();
    row.problem = query.text();
    row.device_model = query.text();
    row.threads = static_cast<int>(query.integer());
    row.rank = static_cast<int>(query.integer());
    row.ratio_to_anchor = query.real();
    row.low = query.real();
    row.high = query.real();
    row.kernel_name = query.text();
    row.language = query.text();
    row.params = configuration(query);
    row.evaluation_id = query.integer();
    row.median_ns = query.real();
    row.roofline_share = query.real();
    row.when = iso_time(query.integer());
    row.command = query.text();
    row.compiler = query.text();
    row.anchor = query.text();
    const std::string anchor_params = configuration(query);
    if (!anchor_params.empty()) row.anchor += " " + anchor_params;
    const std::string anchor_compiler = query.text();
    if (!anchor_compiler.empty()) row.anchor += " (" + anchor_compiler + ")";
    row.is_anchor = query.integer() != 0;
    row.judge_version = query.text();
  }
}

}  // namespace kbench
