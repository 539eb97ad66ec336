#include "results/schema.hpp"

#include <fmt/format.h>

namespace kbench {

namespace {

// docs/schema.md describes every table and column.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE texts (
  id    INTEGER PRIMARY KEY,
  hash  BLOB NOT NULL UNIQUE,
  bytes INTEGER NOT NULL,
  zstd  BLOB NOT NULL
);
CREATE TABLE sources (
  id   INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  text INTEGER REFERENCES texts
);
CREATE TABLE kernels (
  id       INTEGER PRIMARY KEY,
  source   INTEGER NOT NULL REFERENCES sources,
  name     TEXT NOT NULL,
  language TEXT NOT NULL,
  compiler TEXT NOT NULL,
  UNIQUE (source, name, language, compiler)
);
CREATE TABLE params (
  id   INTEGER PRIMARY KEY,
  json TEXT NOT NULL UNIQUE
);
CREATE TABLE candidates (
  id     INTEGER PRIMARY KEY,
  kernel INTEGER NOT NULL REFERENCES kernels,
  params INTEGER NOT NULL REFERENCES params,
  hash   BLOB,
  UNIQUE (kernel, params)
);
CREATE INDEX candidates_by_hash ON candidates (hash);
CREATE TABLE problems (
  id        INTEGER PRIMARY KEY,
  task      TEXT NOT NULL,
  canonical TEXT NOT NULL,
  variant   TEXT NOT NULL,
  dims      TEXT NOT NULL,
  fill      TEXT NOT NULL,
  cache     TEXT NOT NULL,
  threads   INTEGER NOT NULL,
  UNIQUE (task, canonical)
);
CREATE TABLE platforms (
  id            INTEGER PRIMARY KEY,
  device        TEXT NOT NULL,
  device_model  TEXT NOT NULL,
  compiler      TEXT NOT NULL,
  target        TEXT NOT NULL,
  sandbox       TEXT NOT NULL,
  judge_version TEXT NOT NULL,
  UNIQUE (device, device_model, compiler, target, sandbox, judge_version)
);
CREATE TABLE campaigns (
  id          INTEGER PRIMARY KEY,
  task        TEXT NOT NULL,
  problem     INTEGER NOT NULL REFERENCES problems,
  device      TEXT NOT NULL,
  strategy    TEXT NOT NULL,
  options     TEXT NOT NULL,
  kernels     TEXT NOT NULL,
  seed        INTEGER NOT NULL,
  command     TEXT NOT NULL,
  environment TEXT NOT NULL,
  state       TEXT NOT NULL,
  started_ms  INTEGER NOT NULL,
  ended_ms    INTEGER,
  anchor      INTEGER REFERENCES candidates
);
CREATE TABLE evaluations (
  id              INTEGER PRIMARY KEY,
  campaign        INTEGER NOT NULL REFERENCES campaigns,
  sequence        INTEGER NOT NULL,
  candidate       INTEGER NOT NULL REFERENCES candidates,
  problem         INTEGER NOT NULL REFERENCES problems,
  platform        INTEGER NOT NULL REFERENCES platforms,
  outcome         TEXT NOT NULL,
  evidence        TEXT NOT NULL,
  rule            TEXT,
  message         TEXT,
  recorded_ms     INTEGER NOT NULL,
  median_ns       REAL,
  min_ns          REAL,
  q1_ns           REAL,
  q3_ns           REAL,
  max_ns          REAL,
  outliers        INTEGER NOT NULL,
  roofline_share  REAL,
  flops           REAL,
  bytes           REAL,
  prepare_ns      REAL,
  code_bytes      INTEGER NOT NULL,
  compile_ms      REAL,
  verify_ms       REAL,
  screen_ms       REAL,
  kernel_ms       REAL,
  harness_ms      REAL,
  seed            INTEGER NOT NULL,
  parent          INTEGER REFERENCES evaluations,
  build_hash      BLOB,
  equivalent_hash BLOB,
  log             INTEGER REFERENCES texts,
  notes           TEXT,
  command         TEXT NOT NULL,
  samples         BLOB
);
CREATE INDEX evaluations_by_candidate ON evaluations (candidate, problem);
CREATE INDEX evaluations_by_campaign ON evaluations (campaign);
CREATE TABLE asks (
  campaign   INTEGER NOT NULL REFERENCES campaigns,
  sequence   INTEGER NOT NULL,
  source     INTEGER NOT NULL REFERENCES sources,
  params     INTEGER NOT NULL REFERENCES params,
  evaluation INTEGER REFERENCES evaluations,
  PRIMARY KEY (campaign, sequence)
) WITHOUT ROWID;
CREATE TABLE confirmations (
  evaluation INTEGER PRIMARY KEY REFERENCES evaluations,
  shrinkage  REAL,
  held_out   TEXT NOT NULL
);
CREATE TABLE comparisons (
  evaluation INTEGER NOT NULL REFERENCES evaluations,
  against    TEXT NOT NULL,
  verdict    TEXT NOT NULL,
  ratio      REAL NOT NULL,
  low        REAL NOT NULL,
  high       REAL NOT NULL,
  confidence REAL NOT NULL,
  launches   INTEGER NOT NULL,
  pairs      INTEGER NOT NULL,
  a_ns       REAL NOT NULL,
  b_ns       REAL NOT NULL,
  log_ratios BLOB NOT NULL,
  PRIMARY KEY (evaluation, against)
);
CREATE TABLE standings (
  problem      INTEGER NOT NULL REFERENCES problems,
  device_model TEXT NOT NULL,
  anchor       INTEGER NOT NULL,
  candidate    INTEGER NOT NULL REFERENCES candidates,
  evaluation   INTEGER NOT NULL REFERENCES evaluations,
  ratio        REAL NOT NULL,
  low          REAL NOT NULL,
  high         REAL NOT NULL,
  PRIMARY KEY (problem, device_model, anchor, candidate)
) WITHOUT ROWID;
CREATE INDEX standings_by_ratio ON standings (problem, device_model, anchor, ratio);
)sql";

// Language models: what they were asked and what they gave.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE proposals (
  campaign      INTEGER NOT NULL REFERENCES campaigns,
  number        INTEGER NOT NULL,
  step          TEXT NOT NULL,
  model         TEXT NOT NULL,
  parent        INTEGER REFERENCES evaluations,
  prompt        INTEGER NOT NULL REFERENCES texts,
  request       INTEGER REFERENCES texts,
  response      INTEGER REFERENCES texts,
  reply         INTEGER REFERENCES texts,
  outcome       TEXT,
  message       TEXT,
  kernel        BLOB,
  attempts      INTEGER,
  delivered     INTEGER,
  input_tokens  INTEGER,
  output_tokens INTEGER,
  nano_usd      INTEGER,
  milliseconds  REAL,
  PRIMARY KEY (campaign, number)
) WITHOUT ROWID;
)sql";

// Of proposals: when they were decided, what they may use, and where else they come from.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE proposals ADD COLUMN told INTEGER;
ALTER TABLE proposals ADD COLUMN share INTEGER;
ALTER TABLE proposals ADD COLUMN other_parent INTEGER REFERENCES evaluations;
ALTER TABLE proposals ADD COLUMN about TEXT;
)sql";

// What a model foretold of a kernel before it was compiled; what a call of a kernel costs in
// energy.
constexpr const char* kVersion4 = R"sql(
CREATE TABLE prechecks (
  campaign      INTEGER NOT NULL REFERENCES campaigns,
  number        INTEGER NOT NULL,
  model         TEXT NOT NULL,
  prompt        INTEGER NOT NULL REFERENCES texts,
  request       INTEGER REFERENCES texts,
  response      INTEGER REFERENCES texts,
  reply         INTEGER REFERENCES texts,
  outcome       TEXT,
  message       TEXT,
  compiles      INTEGER,
  is_right      INTEGER,
  cheats        INTEGER,
  attempts      INTEGER,
  delivered     INTEGER,
  input_tokens  INTEGER,
  output_tokens INTEGER,
  nano_usd      INTEGER,
  milliseconds  REAL,
  PRIMARY KEY (campaign, number)
) WITHOUT ROWID;
ALTER TABLE evaluations ADD COLUMN call_joules REAL;
)sql";

// How far from the reference a right kernel is, and what memory it needs beside the tensors.
constexpr const char* kVersion5 = R"sql(
ALTER TABLE evaluations ADD COLUMN rms_error REAL;
ALTER TABLE evaluations ADD COLUMN workspace_bytes INTEGER;
)sql";

constexpr const char* kSteps[] = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5};

Result<void> take_step(Database& database, const char* step, size_t version) {
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun();
  const std::string sql = fmt::format("{}; PRAGMA user_version = {}; PRAGMA application_id = {}",
                                      step, version, kApplicationId);
  if (auto done = database.execute(sql); !done) return done;
  return transaction.commit();
}

}  // namespace

std::span<const char* const> schema_steps() {
  return kSteps;
}

Result<void> prepare_schema(Database& database, bool writable, std::span<const char* const> steps) {
  const auto application = database.integer("PRAGMA application_id");
  if (!application) return tl::unexpected(application.error());
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return tl::unexpected(version.error());
  const auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tl::unexpected(tables.error());

  const bool fresh = *application == 0 && *tables == 0;
  if (!fresh && *application != kApplicationId) {
    return bad_input("the database belongs to another program", database.path(),
                     "name another file with --db");
  }
  const auto newest = static_cast<int64_t>(steps.size());
  if (*version > newest) {
    return bad_input(fmt::format("the database has schema version {}, this kbench knows up to {}",
                                 *version, newest),
                     database.path(), "use the newer kbench that wrote it");
  }
  if (!writable && fresh) {
    return bad_input("the database is empty", database.path(), "'kbench run TASK' fills it");
  }
  if (!writable && *version < newest) {
    return bad_input(
        fmt::format("the database has schema version {}, this kbench needs {}", *version, newest),
        database.path(), "any 'kbench run' on it brings it up to date");
  }
  for (auto at = static_cast<size_t>(*version); at < steps.size(); ++at) {
    if (auto taken = take_step(database, steps[at], at + 1); !taken) return taken;
  }
  return {};
}

}  // namespace kbench
