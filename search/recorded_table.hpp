#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "search/recorded_space.hpp"

namespace kbench {

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
