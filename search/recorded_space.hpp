#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "search/space.hpp"

namespace kbench {

// What became of a configuration when it was recorded.
enum class RecordedStatus { ok, compile, runtime, invalid };

// What evaluating it took, part by part.
struct RecordedCosts {
  double compile_ms = 0, verify_ms = 0, bench_ms = 0, framework_ms = 0;
};
inline constexpr std::array kRecordedCosts = {&RecordedCosts::compile_ms, &RecordedCosts::verify_ms,
                                              &RecordedCosts::bench_ms,
                                              &RecordedCosts::framework_ms};

struct RecordedRow {
  RecordedStatus status = RecordedStatus::ok;
  double time_ms = 0;  // ok only
  RecordedCosts costs = {};

  double cost_ms() const {
    return costs.compile_ms + costs.verify_ms + costs.bench_ms + costs.framework_ms;
  }
};

// A kernel's configurations with their times, measured once: strategies are compared on it without
// a device. The space holds exactly the recorded configurations; `rows` are in its order.
struct RecordedSpace {
  std::string name;  // file name without folder and extensions
  Space space;
  std::vector<RecordedRow> rows;
};

// A file as it lies on disk or in gzip: CSV, a Kernel Tuner cache, T4 or the JSON output of KTT,
// told apart by content (docs/search.md). Errors name file, line and column: a missing column, a
// configuration twice, a status or number that is none, no valid configuration.
Result<RecordedSpace> read_recorded_space(const std::string& path);

// The same from text; `path` is for the name and for messages.
Result<RecordedSpace> parse_recorded_space(std::string_view text, const std::string& path);

// The CSV form and T4, as read_recorded_space takes them. A value that would break a CSV line is an
// error.
Result<std::string> to_csv(const RecordedSpace& recorded);
std::string to_t4(const RecordedSpace& recorded);

}  // namespace kbench
