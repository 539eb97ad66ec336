#pragma once

#include <optional>
#include <string>
#include <utility>

#include "results/sqlite.hpp"
#include "results/store.hpp"
#include "results/writer_lock.hpp"

namespace kbench {

struct Store::State {
  State(std::optional<WriterLock> held, std::string path, const std::string& uri, int flags)
      : lock(std::move(held)), database(std::move(path), uri, flags) {}

  std::optional<WriterLock> lock;  // outlives the connection
  Database database;
  bool in_batch = false;
  std::optional<Error> batch_error;  // a change inside the batch failed: nothing of it may stay

  // The text decompressed last: neighbouring rows mostly share their source.
  int64_t text_id = 0;
  std::string text;
};

// Runs `body`, which returns a Result, as one transaction, or as part of the batch under way.
template <class State, class Body>
auto change(State& state, Body body) -> decltype(body()) {
  if (state.in_batch) {
    auto result = body();
    if (!result) state.batch_error = result.error();
    return result;
  }
  Transaction transaction(state.database);
  if (!transaction.begun()) return tl::unexpected(transaction.begun().error());
  auto result = body();
  if (!result) return result;
  if (auto committed = transaction.commit(); !committed) {
    return tl::unexpected(committed.error());
  }
  return result;
}

}  // namespace kbench
