#include "core/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/text.hpp"

namespace kbench {
namespace {

Result<void> check(const OptionSpec& spec, const std::string& value, const std::string& owner) {
  if (spec.low != spec.high) {
    const auto number = parse_number(value);
    if (!number) {
      return bad_input(fmt::format("{}: {}={} is not a number", owner, spec.name, value));
    }
    if (!(*number >= spec.low && *number <= spec.high)) {
      return bad_input(fmt::format("{}: {}={} is out of range", owner, spec.name, value), {},
                       fmt::format("allowed: {} to {}", spec.low, spec.high));
    }
  } else if (!spec.choices.empty() &&
             std::find(spec.choices.begin(), spec.choices.end(), value) == spec.choices.end()) {
    return bad_input(fmt::format("{}: {}='{}' is not a choice", owner, spec.name, value), {},
                     suggestion(value, spec.choices));
  }
  return {};
}

}  // namespace

Result<Options> Options::parse(const std::vector<OptionSpec>& specs,
                               const std::map<std::string, std::string>& given,
                               const std::string& owner) {
  Options options;
  std::vector<std::string> known;
  for (const OptionSpec& spec : specs) {
    known.push_back(spec.name);
    options.values_[spec.name] = spec.default_value;
  }
  for (const auto& [name, value] : given) {
    const auto spec = std::find_if(specs.begin(), specs.end(),
                                   [&n = name](const OptionSpec& s) { return s.name == n; });
    if (spec == specs.end()) {
      return bad_input(fmt::format("{} has no option '{}'", owner, name), {},
                       suggestion(name, known));
    }
    if (auto checked = check(*spec, value, owner); !checked) {
      return tl::unexpected(checked.error());
    }
    options.values_[name] = value;
  }
  return options;
}

const std::string& Options::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {  // a programming error: the option was never declared
    fmt::print(stderr, "kbench: option '{}' is read but not declared\n", name);
    std::abort();
  }
  return found->second;
}

double Options::number(const std::string& name) const {
  const auto value = parse_number(text(name));
  if (!value) {
    fmt::print(stderr, "kbench: option '{}' is read as a number but declared as text\n", name);
    std::abort();
  }
  return *value;
}

int64_t Options::integer(const std::string& name) const {
  return std::llround(number(name));
}

}  // namespace kbench
