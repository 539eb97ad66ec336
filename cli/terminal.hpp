#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace kbench {

enum class Colour { plain, bold, dim, red, green, yellow, cyan };

// Whether the stream is a terminal that may be coloured: NO_COLOR and TERM=dumb are honoured.
bool is_terminal(std::FILE* stream);
std::string paint(std::string_view text, Colour colour, std::FILE* stream = stdout);

// Columns as people read them: left-aligned words, right-aligned figures, two spaces between.
class Table {
 public:
  enum class Align { left, right };
  explicit Table(std::vector<std::string> headers, std::vector<Align> align = {});
  // Cells may be painted; their width counts without the paint.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  std::string text() const;

 private:
  std::vector<std::string> headers_;
  std::vector<Align> align_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace kbench
