#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace kbench {

namespace {

constexpr size_t kLeastRoom = 10;  // a narrower last column wraps instead

// Columns on the screen: escape sequences take none, UTF-8 continuation bytes neither.
size_t width_of(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      while (i < text.size() && text[i] != 'm') ++i;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++width;
    }
  }
  return width;
}

const char* code_of(Colour colour) {
  switch (colour) {
    case Colour::bold:
      return "\033[1m";
    case Colour::dim:
      return "\033[2m";
    case Colour::red:
      return "\033[31m";
    case Colour::green:
      return "\033[32m";
    case Colour::yellow:
      return "\033[33m";
    case Colour::cyan:
      return "\033[36m";
    case Colour::plain:
      break;
  }
  return "";
}

}  // namespace

bool is_terminal(std::FILE* stream) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(fileno(stream)) != 0 && (no_colour == nullptr || *no_colour == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

std::string paint(std::string_view text, Colour colour, std::FILE* stream) {
  if (colour == Colour::plain || !is_terminal(stream)) return std::string(text);
  return code_of(colour) + std::string(text) + "\033[0m";
}

size_t width_of_terminal(std::FILE* stream) {
  constexpr size_t kUsual = 100;
  winsize size{};
  const bool known = ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsual;
}

std::string shortened(const std::string& text, size_t width) {
  if (width_of(text) <= width) return text;
  constexpr std::string_view kMore = "...";
  size_t bytes = 0;
  while (width_of(std::string_view(text).substr(0, bytes)) + kMore.size() < width) ++bytes;
  return text.substr(0, bytes) + std::string(kMore);
}

Table::Table(std::vector<std::string> headers, std::vector<Align> align)
    : headers_(std::move(headers)), align_(std::move(align)) {
  align_.resize(headers_.size(), Align::left);
}

void Table::add(std::vector<std::string> cells, std::string note) {
  cells.resize(headers_.size());
  rows_.push_back({std::move(cells), std::move(note)});
}

std::string Table::text() const {
  std::vector<size_t> widths;
  for (const auto& header : headers_) widths.push_back(width_of(header));
  for (const Row& row : rows_) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row.cells[i]));
    }
  }
  // On a screen a long last column is cut, so that lines stay lines.
  size_t room = std::string::npos;
  if (isatty(STDOUT_FILENO) != 0) {
    const size_t before =
        std::accumulate(widths.begin(), widths.end() - 1, 2 * (widths.size() - 1));
    const size_t screen = width_of_terminal();
    if (screen > before + kLeastRoom) room = screen - before;
  }
  widths.back() = std::min(widths.back(), room);
  std::string out;
  auto line = [&](const std::vector<std::string>& cells, Colour colour) {
    std::string text;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string& whole = cells[i];
      const std::string shown = i + 1 < cells.size() ? whole : shortened(whole, room);
      const std::string gap(widths[i] - width_of(shown), ' ');
      const std::string cell = paint(shown, colour);
      text += align_[i] == Align::right ? gap + cell : cell + gap;
      if (i + 1 < cells.size()) text += "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line(headers_, Colour::dim);
  const std::string indent(widths[0] + 2, ' ');
  for (const Row& row : rows_) {
    line(row.cells, Colour::plain);
    if (!row.note.empty()) out += indent + paint(row.note, Colour::dim) + "\n";
  }
  return out;
}

}  // namespace kbench
