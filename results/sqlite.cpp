#include "results/sqlite.hpp"

#include <boost/algorithm/hex.hpp>
#include <iterator>
#include <utility>

namespace kbench {

namespace {

constexpr size_t kHexLength = 64;
// Waits this long for a program that holds the file for a moment (sqlite3's shell, a backup).
constexpr int kBusyMilliseconds = 5000;

constexpr const char* kAfterFullDisk =
    "everything acknowledged before is safe: free some space, then go on with 'kbench run "
    "--resume'";

}  // namespace

Query::Query(Database& database, std::string_view sql) : database_(database) {
  auto known = database.idle_.find(sql);
  if (known == database.idle_.end()) known = database.idle_.emplace(sql, nullptr).first;
  idle_ = &known->second;
  statement_ = std::exchange(*idle_, nullptr);
  if (statement_ != nullptr) return;
  code_ = sqlite3_prepare_v3(database.handle_, sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
}

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  if (*idle_ != nullptr) {
    sqlite3_finalize(statement_);
  } else {
    *idle_ = statement_;
  }
}

Result<bool> Query::step() {
  column_ = 0;
  if (code_ == SQLITE_OK) {
    const int stepped = sqlite3_step(statement_);
    if (stepped == SQLITE_ROW) return true;
    if (stepped == SQLITE_DONE) return false;
    code_ = stepped;
  }
  return tl::unexpected(database_.error(code_));
}

Result<void> Query::run() {
  for (;;) {
    const auto row = step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
  }
}

std::string_view Query::bytes() {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column_));
  const int length = sqlite3_column_bytes(statement_, column_++);
  return {data, static_cast<size_t>(length)};
}

std::string Query::hash() {
  const bool encoded = sqlite3_column_type(statement_, column_) == SQLITE_BLOB;
  const std::string_view stored = bytes();
  if (!encoded) return std::string(stored);
  std::string hex;
  boost::algorithm::hex_lower(stored, std::back_inserter(hex));
  return hex;
}

void Query::put(int index, std::string_view text) {
  // A null pointer would bind NULL, not the empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  keep(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Query::put(int index, Blob blob) {
  const char* data = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  keep(sqlite3_bind_blob64(statement_, index, data, blob.bytes.size(), SQLITE_STATIC));
}

void Query::put(int index, HexHash hash) {
  if (hash.text.empty()) return put(index, nullptr);
  const bool hex = hash.text.size() == kHexLength &&
                   hash.text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!hex) return put(index, hash.text);
  char bytes[kHexLength / 2];
  boost::algorithm::unhex(hash.text, bytes);
  keep(sqlite3_bind_blob(statement_, index, bytes, sizeof bytes, SQLITE_TRANSIENT));
}

Database::Database(std::string path, const std::string& uri, int flags) : path_(std::move(path)) {
  open_code_ = sqlite3_open_v2(uri.c_str(), &handle_, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                               nullptr);
  sqlite3_extended_result_codes(handle_, 0);
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
}

Database::~Database() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Result<void> Database::opened() const {
  if (open_code_ == SQLITE_OK) return {};
  return tl::unexpected(error(open_code_));
}

Result<void> Database::writable() const {
  if (sqlite3_db_readonly(handle_, "main") == 0) return {};
  return tl::unexpected(error(SQLITE_READONLY));
}

Result<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return tl::unexpected(error(code));
}

Result<int64_t> Database::integer(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
  int64_t value = 0;
  if (code == SQLITE_OK) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) value = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  if (code == SQLITE_ROW || code == SQLITE_DONE) return value;
  return tl::unexpected(error(code));
}

Error Database::error(int code) const {
  const auto environment = [&](std::string what, std::string hint) {
    return Error{ErrorKind::environment, std::move(what), path_, std::move(hint)};
  };
  switch (code) {
    case SQLITE_FULL:
      return environment("the disk is full", kAfterFullDisk);
    case SQLITE_IOERR:
      if (sqlite3_extended_errcode(handle_) != SQLITE_IOERR_WRITE) break;
      return environment("the disk is full or failing, or a limit on file sizes is reached",
                         kAfterFullDisk);
    case SQLITE_NOTADB:
      return {ErrorKind::bad_input, "the file is no SQLite database", path_,
              "name another file with --db"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return environment("the database cannot be written",
                         "its file and its folder must both be writable; or name another file with "
                         "--db");
    case SQLITE_CANTOPEN:
      return environment("the database cannot be opened",
                         "its folder must exist and be readable and writable; or name another file "
                         "with --db");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return environment("another program holds the database locked",
                         "close it (an open sqlite3 shell?) and try again");
    case SQLITE_CORRUPT:
      return environment("the database is damaged",
                         "rescue what can be read with 'sqlite3 FILE .recover | sqlite3 NEW'");
    default:
      break;
  }
  return environment("SQLite: " + std::string(sqlite3_errmsg(handle_)), {});
}

Transaction::Transaction(Database& database) : database_(database) {
  Query begin(database_, "BEGIN IMMEDIATE");
  begun_ = begin.run();
  open_ = begun_.has_value();
}

Transaction::~Transaction() {
  // SQLite may have rolled back by itself (a full disk): then this fails, and that is fine.
  if (open_) static_cast<void>(database_.execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
  Query commit(database_, "COMMIT");
  auto committed = commit.run();
  if (committed) open_ = false;
  return committed;
}

}  // namespace kbench
