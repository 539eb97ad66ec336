#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/expr.hpp"

namespace kbench {

// One `// kbench: key rest` line. The views point into the parsed text, so that a part of the line
// knows its column.
struct HeaderLine {
  std::string_view file;
  int number = 0;  // 1-based
  std::string_view line, key, rest;

  // "file:line:column" of a part of this line, for messages.
  std::string at(std::string_view part) const;
  int column(std::string_view part) const;
  Result<Expr> expression(std::string_view part) const;
};

// The header lines of a kernel file. They are all in its leading run of // comments and blank
// lines, one to a line: what the parser reads, a reader and the compiler see as the same comment.
// `text` has no CR LF; the views point into it and into `file`.
Result<std::vector<HeaderLine>> header_lines(std::string_view text, std::string_view file);

// Views into `text`: parts between separators outside parentheses; words between blanks.
std::vector<std::string_view> split_outside_parentheses(std::string_view text, char separator);
std::vector<std::string_view> words(std::string_view text);
// [A-Za-z_][A-Za-z0-9_]*
bool is_identifier(std::string_view text);
// [A-Z][A-Z0-9_]*, as params and defines are written.
bool is_upper_name(std::string_view text);

}  // namespace kbench
