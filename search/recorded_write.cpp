#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "search/recorded_table.hpp"

namespace kbench {
namespace {

// Numbers and truth values as such, as other writers have them, where they read back the same.
nlohmann::json value_of(const std::string& text) {
  const auto value = nlohmann::json::parse(text, nullptr, false);
  const bool plain = value.is_number() || value.is_boolean();
  return plain && value.dump() == text ? value : nlohmann::json(text);
}

constexpr std::array<const char*, 4> kInvalidity = {"correct", "compile", "runtime", "correctness"};

}  // namespace

Result<std::string> to_csv(const RecordedSpace& recorded) {
  std::string csv;
  for (const Param& param : recorded.space.params()) {
    for (const std::string& value : param.values) {
      if (value.find_first_of(",\"\n") == std::string::npos) continue;
      return bad_input(fmt::format("'{}' of param {} has no place in a CSV", value, param.name), {},
                       "T4 takes any value");
    }
    csv += param.name + ",";
  }
  csv += join({kMeasuredColumns.begin(), kMeasuredColumns.end()}, ",") + "\n";
  for (size_t i = 0; i < recorded.rows.size(); ++i) {
    const RecordedRow& row = recorded.rows[i];
    const Configuration configuration = recorded.space.at(i);
    for (size_t p = 0; p < configuration.size(); ++p) {
      csv += recorded.space.params()[p].values[configuration[p]] + ",";
    }
    csv += kStatusNames[static_cast<size_t>(row.status)];
    csv += row.status == RecordedStatus::ok ? fmt::format(",{}", row.time_ms) : ",";
    for (const auto part : kRecordedCosts) csv += fmt::format(",{}", row.costs.*part);
    csv += "\n";
  }
  return csv;
}

std::string to_t4(const RecordedSpace& recorded) {
  nlohmann::json results = nlohmann::json::array();
  for (size_t i = 0; i < recorded.rows.size(); ++i) {
    const RecordedRow& row = recorded.rows[i];
    nlohmann::json configuration, measurements = nlohmann::json::array();
    for (const auto& [name, value] : recorded.space.to_params(recorded.space.at(i))) {
      configuration[name] = value_of(value);
    }
    const bool ok = row.status == RecordedStatus::ok;
    if (ok) measurements.push_back({{"name", "time"}, {"value", row.time_ms}, {"unit", "ms"}});
    results.push_back({{"configuration", std::move(configuration)},
                       {"times",
                        {{"compilation", row.costs.compile_ms},
                         {"validation", row.costs.verify_ms},
                         {"runtimes", {row.costs.bench_ms}},
                         {"framework", row.costs.framework_ms},
                         {"search_algorithm", 0}}},
                       {"invalidity", kInvalidity[static_cast<size_t>(row.status)]},
                       {"correctness", ok ? 1 : 0},
                       {"measurements", std::move(measurements)},
                       {"objectives", {"time"}}});
  }
  const nlohmann::json file = {{"schema_version", "1.0.0"},
                               {"metadata", {{"timeunit", "milliseconds"}}},
                               {"results", std::move(results)}};
  return file.dump(1) + "\n";
}

}  // namespace kbench
