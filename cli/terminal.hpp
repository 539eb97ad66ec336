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

// Columns of the stream's terminal; 100 where it is none.
size_t width_of_terminal(std::FILE* stream = stdout);
// At most `width` columns, the end replaced by "..." where it is longer. For text without paint.
std::string shortened(const std::string& text, size_t width);

// Columns as people read them: left-aligned words, right-aligned figures, two spaces between.
class Table {
 public:
  enum class Align { left, right };
  explicit Table(std::vector<std::string> headers, std::vector<Align> align = {});
  // Cells may be painted; their width counts without the paint. A note is a dim line under the row,
  // for what is too long for a column.
  void add(std::vector<std::string> cells, std::string note = {});
  bool empty() const { return rows_.empty(); }
  std::string text() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string note;
  };
  std::vector<std::string> headers_;
  std::vector<Align> align_;
  std::vector<Row> rows_;
};

}  // namespace kbench
