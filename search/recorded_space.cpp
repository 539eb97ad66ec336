#include "search/recorded_space.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "core/text.hpp"
#include "search/recorded_table.hpp"

namespace kbench {
namespace {

// A recorded space of ten million rows is about this large; more is a mistake or a trap.
constexpr size_t kLargestFile = size_t{2} << 30;

// gzread passes files that are not compressed through.
Result<std::string> read_text(const std::string& path) {
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) return bad_input("cannot be opened", path);
  std::string text;
  std::vector<char> chunk(1 << 18);
  for (;;) {
    const int got = gzread(file.get(), chunk.data(), static_cast<unsigned>(chunk.size()));
    if (got < 0) return bad_input("is damaged or no file", path);
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<size_t>(got));
    if (text.size() > kLargestFile) return bad_input("holds more than 2 GiB", path);
  }
}

std::string name_of_file(const std::string& path) {
  std::string name = path.substr(path.find_last_of('/') + 1);
  return name.substr(0, name.find('.', 1));
}

// Ascending where every value is a number, as neighbours and models expect.
std::vector<std::string> axis_of(const RecordedTable& table, size_t param) {
  std::vector<std::string> values;
  std::set<std::string_view> seen;
  bool numbers = true;
  for (const auto& row : table.rows) {
    if (!seen.insert(row.values[param]).second) continue;
    values.push_back(row.values[param]);
    numbers = numbers && parse_number(values.back()).has_value();
  }
  if (numbers) {
    std::stable_sort(values.begin(), values.end(), [](const std::string& a, const std::string& b) {
      return *parse_number(a) < *parse_number(b);
    });
  }
  return values;
}

Result<void> check_rows(const RecordedTable& table, const std::string& path) {
  bool any_ran = false, any_cost = false;
  for (const auto& row : table.rows) {
    const RecordedRow& recorded = row.recorded;
    const bool ran = recorded.status == RecordedStatus::ok;
    if (ran && !(recorded.time_ms > 0 && std::isfinite(recorded.time_ms))) {
      return bad_input(fmt::format("{} ms is no time", recorded.time_ms), row.where);
    }
    const double cost_ms = recorded.cost_ms();
    if (!(cost_ms >= 0 && std::isfinite(cost_ms))) {
      return bad_input(fmt::format("{} ms is no cost", cost_ms), row.where);
    }
    any_ran = any_ran || ran;
    any_cost = any_cost || (ran && cost_ms > 0);
  }
  if (!any_ran) return bad_input("holds no configuration that ran", path);
  if (!any_cost) {
    return bad_input("does not say what its evaluations cost", path,
                     "scores need the time to compile, verify and benchmark");
  }
  return {};
}

}  // namespace

Result<RecordedSpace> read_recorded_space(const std::string& path) {
  auto text = read_text(path);
  if (!text) return tl::unexpected(text.error());
  return parse_recorded_space(*text, path);
}

Result<RecordedSpace> parse_recorded_space(std::string_view text, const std::string& path) {
  const bool json = trim(text.substr(0, 100)).starts_with('{');
  auto table = json ? read_recorded_json(text, path) : read_recorded_csv(text, path);
  if (!table) return tl::unexpected(table.error());
  return to_recorded_space(std::move(*table), path);
}

Result<RecordedSpace> to_recorded_space(RecordedTable table, const std::string& path) {
  if (auto sound = check_rows(table, path); !sound) return tl::unexpected(sound.error());
  std::vector<Param> params;
  std::vector<std::map<std::string, uint16_t, std::less<>>> index(table.params.size());
  for (size_t p = 0; p < table.params.size(); ++p) {
    Param param{.name = table.params[p], .values = axis_of(table, p)};
    if (param.values.size() > UINT16_MAX) {
      return bad_input(fmt::format("param '{}' has over {} values", param.name, UINT16_MAX), path);
    }
    for (size_t i = 0; i < param.values.size(); ++i) {
      index[p][param.values[i]] = static_cast<uint16_t>(i);
    }
    params.push_back(std::move(param));
  }
  std::map<Configuration, const RecordedTable::Row*> rows;
  std::vector<Configuration> configurations;
  for (const auto& row : table.rows) {
    Configuration configuration(params.size());
    for (size_t p = 0; p < params.size(); ++p) {
      configuration[p] = index[p].find(row.values[p])->second;
    }
    auto [first, inserted] = rows.emplace(configuration, &row);
    if (!inserted) {
      return bad_input("the configuration of " + first->second->where + " again", row.where,
                       "a recorded space has each configuration once");
    }
    configurations.push_back(std::move(configuration));
  }
  auto space = Space::of_rows(std::move(params), std::move(configurations));
  if (!space) return tl::unexpected(space.error());
  RecordedSpace recorded{name_of_file(path), std::move(*space), {}};
  for (uint64_t i = 0; i < recorded.space.size(); ++i) {
    recorded.rows.push_back(rows.at(recorded.space.at(i))->recorded);
  }
  return recorded;
}

Result<RecordedTable> read_recorded_csv(std::string_view text, const std::string& path) {
  std::vector<std::string> lines = split(text, '\n');
  std::vector<std::string> columns = split(trim(lines[0]), ',');
  const size_t params = columns.size() - std::min(columns.size(), kMeasuredColumns.size());
  for (size_t i = 0; i < kMeasuredColumns.size(); ++i) {
    if (params + i < columns.size() && columns[params + i] == kMeasuredColumns[i]) continue;
    return bad_input(fmt::format("column '{}' is missing", kMeasuredColumns[i]), path + ":1",
                     "the last six columns are status,time_ms,compile_ms,verify_ms,bench_ms,"
                     "framework_ms");
  }
  RecordedTable table;
  table.params.assign(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(params));
  for (size_t l = 1; l < lines.size(); ++l) {
    const std::string_view line = trim(lines[l]);
    if (line.empty()) continue;
    RecordedTable::Row row{.where = fmt::format("{}:{}", path, l + 1)};
    std::vector<std::string> fields = split(line, ',');
    if (fields.size() != columns.size()) {
      return bad_input(fmt::format("{} fields, the header has {}", fields.size(), columns.size()),
                       row.where);
    }
    auto number = [&](size_t column) { return parse_number(fields[params + column]); };
    auto status = std::find(kStatusNames.begin(), kStatusNames.end(), fields[params]);
    if (status == kStatusNames.end()) {
      return bad_input("'" + fields[params] + "' is no status", row.where,
                       "ok, compile, runtime or invalid");
    }
    row.recorded.status = static_cast<RecordedStatus>(status - kStatusNames.begin());
    if (row.recorded.status == RecordedStatus::ok) {
      auto time = number(1);
      if (!time) return bad_input("'" + fields[params + 1] + "' is no time", row.where);
      row.recorded.time_ms = *time;
    }
    for (size_t part = 0; part < kRecordedCosts.size(); ++part) {
      const size_t column = part + 2;
      auto cost = number(column);
      if (!cost) {
        return bad_input(
            fmt::format("{}: '{}' is no time", kMeasuredColumns[column], fields[params + column]),
            row.where);
      }
      row.recorded.costs.*kRecordedCosts[part] = *cost;
    }
    fields.resize(params);
    row.values = std::move(fields);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace kbench
