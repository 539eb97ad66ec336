#include "harness/param_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "core/text.hpp"
#include "harness/flag_list.hpp"

namespace kbench {
namespace {

constexpr size_t kMostValues = 4096;  // a configuration keeps indices in 16 bits

// 010 and 0x10 would be 10 and a word to expressions but 8 and 16 to the compiler: refused. What is
// left means the same to both.
bool is_value(std::string_view text) {
  static const std::regex kNumber(R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?f?)");
  if (is_identifier(text)) return true;
  return text.size() <= 40 && std::regex_match(text.begin(), text.end(), kNumber);
}

bool is_whole_number(std::string_view text) {
  return text.find_first_not_of("0123456789-") == std::string_view::npos;
}

// Takes a leading * off and notes the default. `at` is the part of the line for messages.
Result<void> add_value(const HeaderLine& line, std::string_view at, bool starred, std::string value,
                       Param& param, bool& has_default) {
  if (std::find(param.values.begin(), param.values.end(), value) != param.values.end()) {
    return bad_input(fmt::format("the value '{}' twice", value), line.at(at));
  }
  if (starred && has_default) return bad_input("a second default", line.at(at));
  if (starred) {
    has_default = true;
    param.default_index = param.values.size();
  }
  if (param.values.size() == kMostValues) {
    return bad_input(fmt::format("more than {} values", kMostValues), line.at(at));
  }
  param.values.push_back(std::move(value));
  return {};
}

}  // namespace

Result<Param> parse_param(const HeaderLine& line) {
  const auto parts = words(line.rest);
  Param param;
  param.name = parts[0];
  param.line = line.number;
  if (!is_upper_name(parts[0])) {
    return bad_input(fmt::format("'{}' is not the name of a param", parts[0]), line.at(parts[0]),
                     "write it in capitals, digits and _, as in BLOCK");
  }
  if (parts.size() < 2) return bad_input("a param without values", line.at(parts[0]));
  bool has_default = false;
  for (size_t i = 1; i < parts.size(); ++i) {
    const bool starred = parts[i].front() == '*';
    const std::string_view value = parts[i].substr(starred ? 1 : 0);
    if (!is_value(value)) {
      return bad_input(fmt::format("'{}' is not a value", value), line.at(parts[i]),
                       "values are decimal numbers or words, with blanks between them");
    }
    if (is_whole_number(value) && !parse_integer(value)) {
      return bad_input(fmt::format("'{}' does not fit 64 bits", value), line.at(parts[i]));
    }
    auto added = add_value(line, parts[i], starred, std::string(value), param, has_default);
    if (!added) return tl::unexpected(added.error());
  }
  return param;
}

Result<Param> parse_flags(const HeaderLine& line) {
  Param param;
  param.name = "FLAGS";
  param.line = line.number;
  bool has_default = false;
  for (const std::string_view part : split_outside_parentheses(line.rest, '|')) {
    const std::string_view set = trim(part);
    const bool starred = set.substr(0, 1) == "*";
    std::vector<std::string> options;
    for (const std::string_view option : words(set.substr(starred ? 1 : 0))) {
      if (auto checked = check_flag(option); !checked) {
        return bad_input(checked.error().what, line.at(option), checked.error().hint);
      }
      options.emplace_back(option);
    }
    if (options.empty()) {
      return bad_input("an empty set of options", line.at(part), "write -O2 for no more than that");
    }
    auto added = add_value(line, part, starred, join(options, " "), param, has_default);
    if (!added) return tl::unexpected(added.error());
  }
  return param;
}

}  // namespace kbench
