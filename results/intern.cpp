#include "results/intern.hpp"

#include "core/hash.hpp"
#include "results/columns.hpp"
#include "results/encoding.hpp"

namespace kbench {

namespace {

// `select` finds the row by its key; `insert` adds it with the same values.
template <class... Keys>
Result<int64_t> id_of(Database& database, const char* select, const char* insert,
                      const Keys&... keys) {
  Query known(database, select);
  const auto found = known.bind(keys...).step();
  if (!found) return tl::unexpected(found.error());
  if (*found) return known.integer();
  Query added(database, insert);
  if (auto ran = added.bind(keys...).run(); !ran) return tl::unexpected(ran.error());
  return database.last_id();
}

Result<int64_t> source_with_text(Database& database, const std::string& kernel_hash,
                                 const std::string& text) {
  Query known(database, "SELECT id, text FROM sources WHERE hash = ?1");
  const auto found = known.bind(HexHash{kernel_hash}).step();
  if (!found) return tl::unexpected(found.error());
  const int64_t id = *found ? known.integer() : 0;
  if (*found && !known.is_null()) return id;

  auto stored = text_id(database, text);
  if (!stored) return stored;
  Query put(database,
            "INSERT INTO sources (hash, text) VALUES (?1, ?2) "
            "ON CONFLICT (hash) DO UPDATE SET text = excluded.text RETURNING id");
  const auto row = put.bind(HexHash{kernel_hash}, *stored).step();
  if (!row) return tl::unexpected(row.error());
  const int64_t source = put.integer();
  if (auto ran = put.run(); !ran) return tl::unexpected(ran.error());
  return source;
}

}  // namespace

std::string params_json(const Params& params) {
  return dump(params);
}

Result<int64_t> text_id(Database& database, const std::string& text) {
  const std::string hash = sha256(text);
  Query known(database, "SELECT id FROM texts WHERE hash = ?1");
  const auto found = known.bind(HexHash{hash}).step();
  if (!found) return tl::unexpected(found.error());
  if (*found) return known.integer();
  const std::string frame = compress(text);
  Query added(database, "INSERT INTO texts (hash, bytes, zstd) VALUES (?1, ?2, ?3)");
  if (auto ran = added.bind(HexHash{hash}, text.size(), Blob{frame}).run(); !ran) {
    return tl::unexpected(ran.error());
  }
  return database.last_id();
}

Result<int64_t> problem_id(Database& database, const Problem& problem) {
  const std::string canonical = problem.canonical();
  Query known(database, "SELECT id FROM problems WHERE task = ?1 AND canonical = ?2");
  const auto found = known.bind(problem.task, canonical).step();
  if (!found) return tl::unexpected(found.error());
  if (*found) return known.integer();
  const std::string dims = dump(problem.dims);
  Query added(database,
              "INSERT INTO problems (task, canonical, variant, dims, fill, cache, threads) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  added.bind(problem.task, canonical, problem.variant, dims, problem.fill,
             std::string_view(problem.cache == CacheMode::cold ? "cold" : "warm"), problem.threads);
  if (auto ran = added.run(); !ran) return tl::unexpected(ran.error());
  return database.last_id();
}

Result<int64_t> platform_id(Database& database, const Evaluation& evaluation,
                            const std::string& judge_version) {
  return id_of(database,
               "SELECT id FROM platforms WHERE device = ?1 AND device_model = ?2 AND "
               "compiler = ?3 AND target = ?4 AND sandbox = ?5 AND judge_version = ?6",
               "INSERT INTO platforms (device, device_model, compiler, target, sandbox, "
               "judge_version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
               evaluation.device, evaluation.device_model, evaluation.compiler, evaluation.target,
               evaluation.sandbox, judge_version);
}

Result<int64_t> params_id(Database& database, const Params& params) {
  return id_of(database, "SELECT id FROM params WHERE json = ?1",
               "INSERT INTO params (json) VALUES (?1)", params_json(params));
}

Result<int64_t> source_id(Database& database, const std::string& kernel_hash) {
  return id_of(database, "SELECT id FROM sources WHERE hash = ?1",
               "INSERT INTO sources (hash) VALUES (?1)", HexHash{kernel_hash});
}

Result<int64_t> candidate_id(Database& database, const Candidate& candidate,
                             const std::string& kernel_hash, const std::string& candidate_hash) {
  auto source = source_with_text(database, kernel_hash, candidate.kernel_text);
  if (!source) return source;
  auto kernel = id_of(database,
                      "SELECT id FROM kernels WHERE source = ?1 AND name = ?2 AND "
                      "language = ?3 AND compiler = ?4",
                      "INSERT INTO kernels (source, name, language, compiler) "
                      "VALUES (?1, ?2, ?3, ?4)",
                      *source, candidate.kernel_name, candidate.language, candidate.compiler);
  if (!kernel) return kernel;
  auto params = params_id(database, candidate.params);
  if (!params) return params;
  Query known(database, "SELECT id FROM candidates WHERE kernel = ?1 AND params = ?2");
  const auto found = known.bind(*kernel, *params).step();
  if (!found) return tl::unexpected(found.error());
  if (*found) return known.integer();
  Query added(database, "INSERT INTO candidates (kernel, params, hash) VALUES (?1, ?2, ?3)");
  if (auto ran = added.bind(*kernel, *params, HexHash{candidate_hash}).run(); !ran) {
    return tl::unexpected(ran.error());
  }
  return database.last_id();
}

}  // namespace kbench
