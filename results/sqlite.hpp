#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/error.hpp"

namespace kbench {

class Database;

// Bytes for a BLOB column.
struct Blob {
  std::string_view bytes;
};
// A SHA-256 in hex: 32 bytes in the file; NULL when empty, and as it is when it is no such hash.
struct HexHash {
  std::string_view text;
};

// A prepared statement in use: bound, stepped, its columns read from left to right. It goes back to
// the database for reuse when it ends.
class Query {
 public:
  Query(Database& database, std::string_view sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Values of ?1, ?2 ... The bytes of strings must live until the query ends.
  template <class... Values>
  Query& bind(const Values&... values) {
    int index = 0;
    (put(++index, values), ...);
    return *this;
  }

  // True when there is a row. After it the columns are read from the first.
  Result<bool> step();
  // To the end, rows ignored.
  Result<void> run();

  bool is_null() const { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }
  int64_t integer() { return sqlite3_column_int64(statement_, column_++); }
  double real() { return sqlite3_column_double(statement_, column_++); }  // NULL: 0
  std::string text() { return std::string(bytes()); }
  std::string_view bytes();  // valid until the next step
  std::string hash();        // see HexHash
  void skip(int columns = 1) { column_ += columns; }

 private:
  void put(int index, std::nullptr_t) { keep(sqlite3_bind_null(statement_, index)); }
  void put(int index, double value) { keep(sqlite3_bind_double(statement_, index, value)); }
  template <std::integral Integer>
  void put(int index, Integer value) {
    keep(sqlite3_bind_int64(statement_, index, static_cast<int64_t>(value)));
  }
  void put(int index, std::string_view text);
  void put(int index, Blob blob);
  void put(int index, HexHash hash);
  template <class T>
  void put(int index, const std::optional<T>& value) {
    value ? put(index, *value) : put(index, nullptr);
  }
  void keep(int code) {
    if (code != SQLITE_OK && code_ == SQLITE_OK) code_ = code;
  }

  Database& database_;
  sqlite3_stmt** idle_;  // where it waits for the next use
  sqlite3_stmt* statement_ = nullptr;
  int code_ = SQLITE_OK;  // the first thing that went wrong before step()
  int column_ = 0;
};

// One connection to one file. Not thread-safe.
class Database {
 public:
  // `uri` as sqlite3_open_v2 takes it with SQLITE_OPEN_URI; `path` is for messages.
  Database(std::string path, const std::string& uri, int flags);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // What opening it gave.
  Result<void> opened() const;
  // An error when SQLite could open the file only for reading.
  Result<void> writable() const;
  // Statements without values, separated by ';'.
  Result<void> execute(const std::string& sql);
  // The first column of the first row of a statement without values; 0 when there is none.
  Result<int64_t> integer(const std::string& sql);
  int64_t last_id() const { return sqlite3_last_insert_rowid(handle_); }
  const std::string& path() const { return path_; }

  // What SQLite's result code means for the person in front of it, and what to do.
  Error error(int code) const;

 private:
  friend class Query;
  std::string path_;
  sqlite3* handle_ = nullptr;
  int open_code_ = SQLITE_OK;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  // By their text; null while in use, so that a query may nest in itself.
  std::unordered_map<std::string, sqlite3_stmt*, Hash, std::equal_to<>> idle_;
};

// BEGIN IMMEDIATE now; rolled back at the end of its life unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  const Result<void>& begun() const { return begun_; }
  Result<void> commit();

 private:
  Database& database_;
  Result<void> begun_;
  bool open_ = false;
};

}  // namespace kbench
