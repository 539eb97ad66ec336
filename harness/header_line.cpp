#include "harness/header_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/text.hpp"

namespace kbench {
namespace {

constexpr std::string_view kMark = "// kbench:";

// A comment line that starts with kbench: however it is spelled, so that a misspelt mark is an
// error instead of a comment nobody reads.
bool looks_like_header(std::string_view line) {
  std::string_view text = trim(line);
  if (text.substr(0, 2) != "//" && text.substr(0, 2) != "/*" && text.substr(0, 1) != "*") {
    return false;
  }
  text.remove_prefix(std::min(text.find_first_not_of("/* \t"), text.size()));
  constexpr std::string_view kWord = "kbench";
  if (text.size() <= kWord.size()) return false;
  const bool same = std::equal(kWord.begin(), kWord.end(), text.begin(), [](char a, char b) {
    return a == std::tolower(static_cast<unsigned char>(b));
  });
  return same && trim(text.substr(kWord.size())).substr(0, 1) == ":";
}

bool has_control_character(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

// Compilers join such a line with the next, which would then be a comment to them and code to us.
bool continues(std::string_view line) {
  const std::string_view text = trim(line);
  const std::string_view end = text.substr(text.size() - std::min<size_t>(text.size(), 3));
  return end == "?\?/" || (!end.empty() && end.back() == '\\');
}

Result<HeaderLine> read_header_line(HeaderLine header) {
  const size_t mark = header.line.find(kMark);
  const bool exact = mark != std::string_view::npos && trim(header.line.substr(0, mark)).empty();
  if (!exact) {
    return bad_input("a header line is not written as such", header.at(trim(header.line)),
                     "write it '// kbench: key ...'");
  }
  const std::string_view content = trim(header.line.substr(mark + kMark.size()));
  const size_t key_end = std::min(content.find_first_of(" \t"), content.size());
  header.key = content.substr(0, key_end);
  header.rest = trim(content.substr(key_end));
  if (header.rest.empty()) header.rest = content.substr(key_end);  // keeps its column
  if (header.key.empty()) return bad_input("a header line without a key", header.at(header.line));
  return header;
}

}  // namespace

std::string HeaderLine::at(std::string_view part) const {
  return fmt::format("{}:{}:{}", file, number, column(part));
}

int HeaderLine::column(std::string_view part) const {
  return static_cast<int>(part.data() - line.data()) + 1;
}

Result<Expr> HeaderLine::expression(std::string_view part) const {
  return Expr::parse(part, fmt::format("{}:{}", file, number), column(part));
}

Result<std::vector<HeaderLine>> header_lines(std::string_view text, std::string_view file) {
  std::vector<HeaderLine> headers;
  int code_line = 0;  // the first line that is neither blank nor a // comment
  int number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const HeaderLine header{file, ++number, rest.substr(0, end), {}, {}};
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string_view content = trim(header.line);
    if (code_line == 0 && !content.empty() && content.substr(0, 2) != "//") code_line = number;
    if (code_line == 0 && has_control_character(header.line)) {
      return bad_input("a control character in the header", header.at(header.line));
    }
    if (code_line == 0 && continues(header.line)) {
      return bad_input("a comment of the header must not continue on the next line",
                       header.at(header.line.substr(header.line.size())),
                       "remove the backslash at its end");
    }
    if (!looks_like_header(header.line)) continue;
    if (code_line != 0) {
      return bad_input(fmt::format("a header line after line {}, where the code begins", code_line),
                       header.at(content), "header lines come first, in // comments");
    }
    auto read = read_header_line(header);
    if (!read) return tl::unexpected(read.error());
    headers.push_back(*read);
  }
  return headers;
}

std::vector<std::string_view> split_outside_parentheses(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] != separator || depth > 0) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  for (size_t at = text.find_first_not_of(" \t"); at < text.size();) {
    const size_t end = std::min(text.find_first_of(" \t", at), text.size());
    found.push_back(text.substr(at, end - at));
    at = std::min(text.find_first_not_of(" \t", end), text.size());
  }
  return found;
}

bool is_identifier(std::string_view text) {
  const auto is_letter = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

bool is_upper_name(std::string_view text) {
  return is_identifier(text) && text[0] != '_' &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace kbench
