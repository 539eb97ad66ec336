#pragma once

#include <map>
#include <string>

#include "core/error.hpp"

namespace kbench {

// Prompts from parts: files NAME.md of prompts/ in the data folder, each replaced by a file of the
// same name in the user's own folder. `{{name}}` stands for a value, or for the part of that name.
// A first line `{{! at most N tokens }}` bounds a part; what is over is cut at a line's end, and
// said. A part that needs values and finds all of them empty is left out.
class Prompts {
 public:
  // `own`: the user's folder; empty: none. NAME.LANGUAGE.md stands for NAME.md in that language.
  static Result<Prompts> load(const std::string& own, const std::string& language = "cpp");

  using Values = std::map<std::string, std::string>;
  // Errors: no such part, a name that is neither value nor part, parts that contain each other.
  Result<std::string> fill(const std::string& part, const Values& values) const;

 private:
  struct Part {
    std::string text;
    size_t most_bytes = 0;  // 0: no bound
  };
  Result<std::string> fill(const std::string& name, const Values& values, int depth,
                           bool& empty) const;
  std::map<std::string, Part> parts_;
};

}  // namespace kbench
