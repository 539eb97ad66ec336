#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/campaign_setup.hpp"
#include "core/files.hpp"
#include "harness/problem.hpp"

namespace kbench {

namespace {

constexpr const char* kForm = R"(expected ["rows=64,cols=1024", "rows=1,cols=7,variant=*"])";

std::string place_of(const std::string& path, const std::string& text, size_t byte) {
  const std::string_view before = std::string_view(text).substr(0, byte > 0 ? byte - 1 : 0);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const size_t last = before.rfind('\n');
  const size_t column = before.size() - (last == std::string_view::npos ? 0 : last + 1);
  return path + ":" + std::to_string(lines + 1) + ":" + std::to_string(column + 1);
}

Result<nlohmann::json> read_list(const std::string& path) {
  const auto text = read_file(path);
  if (!text || text->empty()) {
    return bad_input("the list of problems cannot be read", path,
                     "check that it exists, is no folder and not empty");
  }
  try {
    auto json = nlohmann::json::parse(*text);
    if (!json.is_array() || json.empty()) return bad_input("no list of problems", path, kForm);
    return json;
  } catch (const nlohmann::json::parse_error& error) {
    return bad_input("the list of problems is no JSON", place_of(path, *text, error.byte), kForm);
  }
}

}  // namespace

Result<std::vector<Problem>> read_problems(const std::string& path, const Task& task) {
  const auto json = read_list(path);
  if (!json) return tl::unexpected(json.error());
  std::vector<Problem> problems;
  for (size_t i = 0; i < json->size(); ++i) {
    const std::string where = path + ": entry " + std::to_string(i + 1);
    const nlohmann::json& entry = (*json)[i];
    if (!entry.is_string()) return bad_input("an entry is no text", where, kForm);
    auto expanded = expand_problems(task, entry.get<std::string>());
    if (!expanded) return bad_input(expanded.error().what, where, expanded.error().hint);
    for (Problem& problem : *expanded) {
      const auto shapes = shapes_of(task, problem);
      if (!shapes) return bad_input(shapes.error().what, where, shapes.error().hint);
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

}  // namespace kbench
