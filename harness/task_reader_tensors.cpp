// What a task.json says of the values in its tensors: how inputs are filled, which outputs are made
// together, how they are compared.
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "harness/fill.hpp"
#include "harness/task_reader.hpp"

namespace kbench {

// "normal": "uniform low=0" for every input, or
// {"x": "normal", "row_ptr,col,val": "csr", "*": ...}.
void TaskReader::read_fills(const Json& json) {
  if (!expect_object(json, {"fills"})) return;
  for (const auto& [name, entry] : json.items()) {
    Fill fill{.name = name, .rules = {}};
    std::string rest;
    if (entry.is_object()) {
      for (const auto& [targets, rule] : entry.items()) {
        const std::string text = text_at(rule, {"fills", name, targets});
        if (targets == "*") {
          rest = text;
        } else {
          read_fill_rule(name, targets, text, fill.rules);
        }
      }
    } else {
      rest = text_at(entry, {"fills", name});
    }
    complete_fill(fill, rest);
    task_.fills.push_back(std::move(fill));
  }
  if (task_.fills.empty()) fail({"fills"}, "a task has at least one fill");
}

void TaskReader::read_fill_rule(const std::string& fill, const std::string& targets,
                                const std::string& rule, std::vector<FillRule>& rules) {
  const Path path = {"fills", fill, targets};
  FillRule parsed;
  parsed.tensors = split_list(targets);
  for (const std::string& target : parsed.tensors) {
    if (!contains(tensor_names(false), target)) {
      fail(path, "no input is called '" + target + "'", suggestion(target, tensor_names(false)));
    }
  }
  const std::vector<std::string> words = split_words(rule);
  parsed.generator = words.empty() ? "" : words[0];
  for (size_t i = 1; i < words.size(); ++i) {
    const size_t equals = words[i].find('=');
    if (equals == std::string::npos) {
      return fail(path, "'" + words[i] + "' is not name=value");
    }
    parsed.options[words[i].substr(0, equals)] = words[i].substr(equals + 1);
  }
  const auto generator = fill_generators().find(parsed.generator);
  if (!generator) return fail(path, generator.error().what, generator.error().hint);
  if ((*generator)->targets != static_cast<int>(parsed.tensors.size())) {
    fail(path, "'" + parsed.generator + "' fills " + std::to_string((*generator)->targets) +
                   " tensors together, not " + std::to_string(parsed.tensors.size()));
  }
  const auto options =
      Options::parse((*generator)->options, {parsed.options.begin(), parsed.options.end()},
                     "fill '" + parsed.generator + "'");
  if (!options) fail(path, options.error().what, options.error().hint);
  rules.push_back(std::move(parsed));
}

// Gives every input that no rule names the rule of "*".
void TaskReader::complete_fill(Fill& fill, const std::string& rest) {
  std::vector<std::string> named;
  for (const FillRule& rule : fill.rules) {
    named.insert(named.end(), rule.tensors.begin(), rule.tensors.end());
  }
  for (const std::string& input : tensor_names(false)) {
    if (contains(named, input)) continue;
    if (rest.empty()) {
      return fail({"fills", fill.name}, "fill '" + fill.name + "' leaves out input '" + input + "'",
                  "name it, or give a rule for \"*\"");
    }
    read_fill_rule(fill.name, input, rest, fill.rules);
  }
}

// "y": "rows" (slices), or {"outputs": [...], "slices": "rows"} where one function makes several.
void TaskReader::read_groups(const Json& json) {
  if (!expect_object(json, {"groups"})) return;
  std::vector<std::string> missing = tensor_names(true);
  for (const auto& [name, entry] : json.items()) {
    const Path path = {"groups", name};
    OutputGroup group{.name = name, .outputs = {name}, .slices = {}};
    if (entry.is_object()) {
      check_keys(entry, path, {"outputs", "slices"});
      group.outputs.clear();
      for (const Json& output : entry.value("outputs", Json::array({name}))) {
        group.outputs.push_back(text_at(output, path));
      }
    }
    const Json slices = entry.is_object() ? entry.value("slices", Json("1")) : entry;
    group.slices = expression(text_at(slices, path), path);
    for (const std::string& output : group.outputs) {
      if (std::erase(missing, output) == 0) {
        fail(path, "'" + output + "' is no output, or two groups make it",
             suggestion(output, tensor_names(true)));
      }
    }
    task_.groups.push_back(std::move(group));
  }
  if (!missing.empty()) fail({"groups"}, "no group makes output '" + missing[0] + "'");
}

void TaskReader::read_comparators(const Json& json) {
  if (!expect_object(json, {"compare"})) return;
  check_keys(json, {"compare"}, tensor_names(true));
  if (error_) return;
  for (const std::string& output : tensor_names(true)) {
    const bool floating = is_floating(task_.variants[0].dtypes[output]);
    read_comparator(output, json.contains(output) ? text_at(json[output], {"compare", output})
                                                  : std::string(floating ? "bound" : "exact"));
  }
}

// "bound", "bound normwise", "exact", "index_into x", each with "reproducible" where two runs must
// agree.
void TaskReader::read_comparator(const std::string& output, const std::string& text) {
  const Path path = {"compare", output};
  Comparator comparator;
  std::vector<std::string> words = split_words(text);
  comparator.reproducible = std::erase(words, "reproducible") > 0;
  comparator.normwise = std::erase(words, "normwise") > 0;
  const std::string kind = words.empty() ? "" : words[0];
  if (kind == "exact" && words.size() == 1) {
    comparator.kind = Comparator::Kind::exact;
  } else if (kind == "index_into" && words.size() == 2) {
    comparator.kind = Comparator::Kind::index_into;
    comparator.values = words[1];
    if (!contains(tensor_names(false), words[1])) {
      fail(path, "no input is called '" + words[1] + "'",
           suggestion(words[1], tensor_names(false)));
    }
  } else if (kind != "bound" || words.size() != 1) {
    fail(path, "unknown comparator '" + text + "'",
         "bound, exact or index_into TENSOR; then normwise, reproducible");
  }
  task_.comparators[output] = comparator;
}

}  // namespace kbench
