#include "results/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "results/schema.hpp"
#include "results/store_state.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

// What SQLite may keep of the file in memory, in KiB. A checkpoint every 32 MiB of log instead of
// 4: each evaluation touches a dozen pages, most of them touched again by the next.
constexpr const char* kCache = "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8192";

std::string uri_of(const std::string& path, const char* query = "") {
  std::string uri = "file:";
  for (const char letter : path) {
    switch (letter) {
      case '?':
        uri += "%3f";
        break;
      case '#':
        uri += "%23";
        break;
      case '%':
        uri += "%25";
        break;
      default:
        uri += letter;
    }
  }
  return uri + query;
}

// A WAL database can be read from a folder that cannot be written only as one that nobody changes.
std::string reading_uri(const std::string& path) {
  const fs::path folder = fs::absolute(path).parent_path();
  const bool sealed =
      faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) != 0 && !fs::exists(path + "-wal");
  return uri_of(path, sealed ? "?immutable=1" : "");
}

Result<void> configure_writer(Database& database, bool durable) {
  if (auto writable = database.writable(); !writable) return writable;
  if (auto ready = prepare_schema(database, true); !ready) return ready;
  const std::string synchronous = durable ? "FULL" : "NORMAL";
  return database.execute(std::string(kCache) +
                          "; PRAGMA journal_mode = WAL; PRAGMA synchronous = " + synchronous +
                          "; PRAGMA foreign_keys = ON");
}

}  // namespace

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& path, OpenMode mode, bool durable) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    return bad_input("this is a folder, not a database", path, "name a file with --db");
  }
  const bool writes = mode == OpenMode::read_write;
  std::optional<WriterLock> lock;
  if (writes) {
    auto acquired = WriterLock::acquire(path);
    if (!acquired) return tl::unexpected(acquired.error());
    lock.emplace(std::move(*acquired));
  } else if (!fs::exists(path, ignored)) {
    return bad_input("there is no database", path,
                     "'kbench run TASK' makes one; another file is named with --db");
  }
  auto state = std::make_unique<State>(
      std::move(lock), path, writes ? uri_of(path) : reading_uri(path),
      writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  Database& database = state->database;
  if (auto opened = database.opened(); !opened) return tl::unexpected(opened.error());
  auto ready = writes ? configure_writer(database, durable) : prepare_schema(database, false);
  if (ready && !writes) ready = database.execute(kCache);
  if (!ready) return tl::unexpected(ready.error());
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Result<void> Store::batch(const std::function<Result<void>()>& body) {
  if (state_->in_batch) return body();
  return change(*state_, [&]() -> Result<void> {
    state_->batch_error.reset();
    state_->in_batch = true;
    auto result = body();
    state_->in_batch = false;
    if (result && state_->batch_error) return tl::unexpected(*state_->batch_error);
    return result;
  });
}

}  // namespace kbench
