#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/evaluation.hpp"
#include "results/sqlite.hpp"

namespace kbench {

// JSON as it is stored: bytes that are no UTF-8 replaced.
inline std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A damaged or foreign value reads as the default: an export of the rest is worth more than none.
template <class T>
T from_text(const std::string& text) {
  const auto json = nlohmann::json::parse(text.empty() ? "null" : text, nullptr, false);
  if (json.is_discarded() || json.is_null()) return {};
  try {
    return json.get<T>();
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

// The columns task, variant, dims, fill, cache, threads.
inline Problem read_problem(Query& row) {
  Problem problem;
  problem.task = row.text();
  problem.variant = row.text();
  problem.dims = from_text<Dims>(row.text());
  problem.fill = row.text();
  problem.cache = row.bytes() == "cold" ? CacheMode::cold : CacheMode::warm;
  problem.threads = static_cast<int>(row.integer());
  return problem;
}

}  // namespace kbench
