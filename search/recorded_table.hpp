#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "search/recorded_space.hpp"

namespace kbench {

// Of the CSV form: after the params, and what the first of them may say, in RecordedStatus's order.
inline constexpr std::array<std::string_view, 6> kMeasuredColumns = {
    "status", "time_ms", "compile_ms", "verify_ms", "bench_ms", "framework_ms"};
inline constexpr std::array<std::string_view, 4> kStatusNames = {"ok", "compile", "runtime",
                                                                 "invalid"};

// Rows as an importer finds them, before they are a space.
struct RecordedTable {
  struct Row {
    std::vector<std::string> values = {};  // in the order of `params`
    RecordedRow recorded = {};
    std::string where = {};  // "file:line" or "file: entry 12"
  };
  std::vector<std::string> params;
  std::vector<Row> rows;
};

// Values become the params' axes, numbers in ascending order, others in order of appearance.
Result<RecordedSpace> to_recorded_space(RecordedTable table, const std::string& path);

// Kernel Tuner cache, T4 or KTT output.
Result<RecordedTable> read_recorded_json(std::string_view text, const std::string& path);
Result<RecordedTable> read_recorded_csv(std::string_view text, const std::string& path);

}  // namespace kbench
