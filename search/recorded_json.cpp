#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "search/recorded_table.hpp"

namespace kbench {
namespace {

using nlohmann::json;

// As a kernel header would write it.
std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return value.dump();
}

double number_or_zero(const json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

Result<void> take_values(const json& configuration, RecordedTable& table, RecordedTable::Row& row) {
  if (table.params.empty()) {
    for (const auto& [name, value] : configuration.items()) table.params.push_back(name);
  }
  for (const std::string& param : table.params) {
    auto value = configuration.find(param);
    if (value == configuration.end()) {
      return bad_input("param '" + param + "' is missing", row.where);
    }
    row.values.push_back(text_of(*value));
  }
  return {};
}

// A value that the file's own definition of the space does not have.
Result<void> check_listed(const json& listed, const RecordedTable& table,
                          const RecordedTable::Row& row) {
  for (size_t p = 0; p < table.params.size(); ++p) {
    std::vector<std::string> values;
    for (const json& value : listed.at(table.params[p])) values.push_back(text_of(value));
    if (std::find(values.begin(), values.end(), row.values[p]) == values.end()) {
      return bad_input(
          fmt::format("'{}' is no value of param '{}'", row.values[p], table.params[p]), row.where,
          suggestion(row.values[p], values));
    }
  }
  return {};
}

// Times in ms; "time" is a word where the configuration failed.
Result<RecordedTable> read_kernel_tuner(const json& file, const std::string& path) {
  RecordedTable table;
  file.at("tune_params_keys").get_to(table.params);
  for (const auto& [key, entry] : file.at("cache").items()) {
    RecordedTable::Row row{.where = fmt::format("{}: entry '{}'", path, key)};
    if (auto taken = take_values(entry, table, row); !taken) return tl::unexpected(taken.error());
    if (file.contains("tune_params")) {
      auto listed = check_listed(file.at("tune_params"), table, row);
      if (!listed) return tl::unexpected(listed.error());
    }
    const json& time = entry.at("time");
    if (time.is_number()) {
      row.recorded.time_ms = time;
    } else {
      const std::string why = text_of(time);
      row.recorded.status = why.starts_with("Compil") ? RecordedStatus::compile
                            : why.starts_with("Run")  ? RecordedStatus::runtime
                                                      : RecordedStatus::invalid;
    }
    row.recorded.costs = {
        number_or_zero(entry, "compile_time"), number_or_zero(entry, "verification_time"),
        number_or_zero(entry, "benchmark_time"), number_or_zero(entry, "framework_time")};
    table.rows.push_back(std::move(row));
  }
  return table;
}

Result<RecordedTable> read_t4(const json& file, const std::string& path) {
  RecordedTable table;
  const json& results = file.at("results");
  for (size_t i = 0; i < results.size(); ++i) {
    const json& entry = results[i];
    RecordedTable::Row row{.where = fmt::format("{}: result {}", path, i)};
    const json& configuration = entry.at("configuration");
    if (auto taken = take_values(configuration, table, row); !taken) {
      return tl::unexpected(taken.error());
    }
    const std::string invalidity = entry.at("invalidity");
    if (invalidity == "correct") {
      const json& value = entry.at("measurements").at(0).at("value");
      if (!value.is_number()) return bad_input("its measurement is no number", row.where);
      row.recorded.time_ms = value;
    } else {
      row.recorded.status = invalidity == "compile"   ? RecordedStatus::compile
                            : invalidity == "runtime" ? RecordedStatus::runtime
                                                      : RecordedStatus::invalid;
    }
    const json& times = entry.at("times");
    row.recorded.costs = {number_or_zero(times, "compilation"), number_or_zero(times, "validation"),
                          0, number_or_zero(times, "framework")};
    for (const json& run : times.value("runtimes", json::array())) {
      row.recorded.costs.bench_ms += run.get<double>();
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// Times in the unit of the metadata; overheads hold compiling and the searcher's own time.
Result<RecordedTable> read_ktt(const json& file, const std::string& path) {
  const std::string unit = file.at("Metadata").value("TimeUnit", "Milliseconds");
  const double to_ms = unit == "Nanoseconds"    ? 1e-6
                       : unit == "Microseconds" ? 1e-3
                       : unit == "Seconds"      ? 1e3
                                                : 1;
  RecordedTable table;
  const json& results = file.at("Results");
  for (size_t i = 0; i < results.size(); ++i) {
    const json& entry = results[i];
    RecordedTable::Row row{.where = fmt::format("{}: result {}", path, i)};
    json configuration = json::object();
    for (const json& pair : entry.at("Configuration")) {
      configuration[pair.at("Name").get<std::string>()] = pair.at("Value");
    }
    if (auto taken = take_values(configuration, table, row); !taken) {
      return tl::unexpected(taken.error());
    }
    const std::string status = entry.at("Status");
    if (status != "Ok") {
      row.recorded.status = status == "CompilationFailed"   ? RecordedStatus::compile
                            : status == "ComputationFailed" ? RecordedStatus::runtime
                                                            : RecordedStatus::invalid;
    } else {
      row.recorded.time_ms = to_ms * entry.at("TotalDuration").get<double>();
    }
    row.recorded.costs = {to_ms * number_or_zero(entry, "TotalOverhead"),
                          to_ms * number_or_zero(entry, "ValidationOverhead"),
                          to_ms * number_or_zero(entry, "TotalDuration"), 0};
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

Result<RecordedTable> read_recorded_json(std::string_view text, const std::string& path) {
  try {
    const json file = json::parse(text);
    if (file.contains("cache")) return read_kernel_tuner(file, path);
    if (file.contains("results")) return read_t4(file, path);
    if (file.contains("Results")) return read_ktt(file, path);
  } catch (const json::exception& problem) {
    return bad_input(problem.what(), path, "is it a Kernel Tuner cache, T4 or KTT output?");
  }
  return bad_input("is no recorded space", path,
                   "expected 'cache' (Kernel Tuner), 'results' (T4) or 'Results' (KTT)");
}

}  // namespace kbench
