#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// An option declared once: it becomes a flag, a line of documentation and a check.
struct OptionSpec {
  std::string name;           // "population"
  std::string default_value;  // as text
  std::string help;
  double low = 0, high = 0;          // allowed range of a number; equal: a word, see `choices`
  std::vector<std::string> choices;  // allowed words; empty with low == high: any text
};

// Values of declared options.
class Options {
 public:
  // Defaults, then `given` ("population=20,elite=2" split by the caller); unknown names are errors
  // that name near misses, values out of range say the range. `owner` names the thing in messages.
  static Result<Options> parse(const std::vector<OptionSpec>& specs,
                               const std::map<std::string, std::string>& given,
                               const std::string& owner);
  const std::string& text(const std::string& name) const;
  double number(const std::string& name) const;
  int64_t integer(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace kbench
