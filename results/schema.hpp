#pragma once

#include <span>

#include "core/error.hpp"
#include "results/sqlite.hpp"

namespace kbench {

// "kbnc", in the file's header: SQLite's `PRAGMA application_id`.
inline constexpr int64_t kApplicationId = 0x6b626e63;

// Step i takes a file from version i to i + 1. A released step is never edited: changes are
// appended.
std::span<const char* const> schema_steps();

// Brings the file to the newest version, each step in a transaction of its own, or checks that it
// is there when `writable` is false. Errors: another program's database, a newer version, an older
// one that may not be written.
Result<void> prepare_schema(Database& database, bool writable,
                            std::span<const char* const> steps = schema_steps());

}  // namespace kbench
