#include <nlohmann/json.hpp>

#include "cli/campaign_setup.hpp"
#include "core/files.hpp"
#include "core/json_text.hpp"
#include "harness/problem.hpp"

namespace kbench {

namespace {

constexpr const char* kForm = R"(expected ["rows=64,cols=1024", "rows=1,cols=7,variant=*"])";

Result<nlohmann::json> read_list(const std::string& path) {
  const auto text = read_file(path);
  if (!text || text->empty()) {
    return bad_input("the list of problems cannot be read", path,
                     "check that it exists, is no folder and not empty");
  }
  auto json = parse_json(*text, path, "the list of problems is no JSON", kForm);
  if (json && (!json->is_array() || json->empty())) {
    return bad_input("no list of problems", path, kForm);
  }
  return json;
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
