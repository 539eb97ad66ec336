#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

namespace kbench {
namespace {

// Edits (insert, delete, replace, swap of neighbours) that turn a into b; case is ignored.
size_t edit_distance(std::string_view a, std::string_view b) {
  auto lower = [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  };
  std::vector<size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  std::iota(previous.begin(), previous.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, row);
  }
  return previous[b.size()];
}

// Bytes of the UTF-8 character in front, 0 where there is none. No overlong form, no surrogate,
// nothing past U+10FFFF.
size_t utf8_character(std::string_view bytes) {
  const auto at = [&](size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
  };
  const auto within = [&](size_t i, unsigned low, unsigned high) {
    return at(i) >= low && at(i) <= high;
  };
  const unsigned first = at(0);
  if (first < 0x80) return bytes.empty() ? 0 : 1;
  if (first >= 0xC2 && first <= 0xDF) return within(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = within(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && within(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first < 0xF0 || first > 0xF4) return 0;
  const bool second = within(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
  return second && within(2, 0x80, 0xBF) && within(3, 0x80, 0xBF) ? 4 : 0;
}

struct Unit {
  std::string_view name;
  double factor;
};

const Unit* unit_named(const std::vector<Unit>& units, std::string_view name) {
  auto found = std::find_if(units.begin(), units.end(), [&](auto& u) { return u.name == name; });
  return found == units.end() ? nullptr : &*found;
}

// A number and the letters that follow it, taken off the front of `text`.
struct Quantity {
  double number;
  std::string_view unit;
};
std::optional<Quantity> take_quantity(std::string_view& text) {
  size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  size_t letters = std::min(text.find_first_of("0123456789. ", digits), text.size());
  auto number = parse_number(text.substr(0, digits));
  if (!number) return std::nullopt;
  Quantity quantity{*number, text.substr(digits, letters - digits)};
  text.remove_prefix(letters);
  return quantity;
}

std::string three_digits(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  const double magnitude = std::fabs(value);
  const int decimals = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}", value, decimals);
}

// The largest unit that leaves a number of at least 1 after rounding.
std::string with_unit(double value, const std::vector<Unit>& units, std::string_view suffix = {}) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (std::fabs(value) >= unit.factor * 0.9995) best = &unit;
  }
  return fmt::format("{} {}{}", three_digits(value / best->factor), best->name, suffix);
}

}  // namespace

std::string suggestion(std::string_view given, const std::vector<std::string>& known) {
  const size_t limit = std::max<size_t>(1, given.size() / 3);
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& name : known) {
    if (name.size() > given.size() + limit || given.size() > name.size() + limit) continue;
    const size_t distance = edit_distance(given, name);
    if (distance <= limit) near.emplace_back(distance, "'" + name + "'");
  }
  if (near.empty()) {
    if (known.empty()) return "none is known";
    std::vector<std::string> listed(
        known.begin(), known.begin() + static_cast<ptrdiff_t>(std::min<size_t>(known.size(), 12)));
    if (known.size() > listed.size()) listed.emplace_back("...");
    return "known: " + join(listed, ", ");
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [distance, name] : near) {
    if (distance == near[0].first && names.size() < 3) names.push_back(name);
  }
  return "did you mean " + join(names, " or ") + "?";
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string& word : split(text, ' ')) {
    if (!trim(word).empty()) words.emplace_back(trim(word));
  }
  return words;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      parts.emplace_back(trim(text.substr(start, i - start)));
      start = i + 1;
    } else {
      depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    }
  }
  return parts;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return text.substr(text.size());
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

size_t utf8_prefix(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    const size_t length = utf8_character(bytes.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

std::string as_text(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const size_t good = utf8_prefix(bytes);
    text += bytes.substr(0, good);
    bytes.remove_prefix(good);
    if (bytes.empty()) break;
    text += '?';
    bytes.remove_prefix(1);
  }
  for (char& c : text) {
    const auto code = static_cast<unsigned char>(c);
    if ((code < 0x20 && c != '\n' && c != '\t') || code == 0x7F) c = '?';
  }
  return text;
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  static const std::vector<Unit> kUnits = {{"ns", 1},  {"us", 1e3}, {"ms", 1e6},
                                           {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
  constexpr double kLongestNs = 9e18;  // 292 years fill 64 bits
  const std::string_view whole = text;
  double total_ns = 0;
  std::string_view rest = trim(text);
  auto wrong = [&] {
    return bad_input(fmt::format("'{}' is not a duration", whole), {},
                     "write a number and ns, us, ms, s, m or h, as in 30s or 1h30m");
  };
  if (rest.empty()) return wrong();
  while (!rest.empty()) {
    auto quantity = take_quantity(rest);
    const Unit* unit = quantity ? unit_named(kUnits, quantity->unit) : nullptr;
    if (unit == nullptr) return wrong();
    total_ns += quantity->number * unit->factor;
  }
  if (total_ns > kLongestNs) return wrong();
  return std::chrono::nanoseconds(std::llround(total_ns));
}

Result<int64_t> parse_bytes(std::string_view text) {
  static const std::vector<Unit> kUnits = {
      {"", 1},         {"B", 1},      {"K", 0x1p10},   {"KiB", 0x1p10}, {"M", 0x1p20},
      {"MiB", 0x1p20}, {"G", 0x1p30}, {"GiB", 0x1p30}, {"T", 0x1p40},   {"TiB", 0x1p40},
      {"KB", 1e3},     {"MB", 1e6},   {"GB", 1e9},     {"TB", 1e12}};
  std::string_view rest = trim(text);
  auto quantity = take_quantity(rest);
  const Unit* unit = quantity && rest.empty() ? unit_named(kUnits, quantity->unit) : nullptr;
  if (unit == nullptr || quantity->number * unit->factor > 9e18) {
    return bad_input(fmt::format("'{}' is not a size", text), {},
                     "write a number of bytes, or one with KiB, MiB, GiB, KB, MB or GB");
  }
  return std::llround(quantity->number * unit->factor);
}

Result<int64_t> parse_integer(std::string_view text) {
  const std::string_view digits = trim(text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return bad_input(fmt::format("'{}' is not a 64-bit integer", text));
  }
  return value;
}

Result<double> parse_number(std::string_view text) {
  const std::string_view digits = trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return bad_input(fmt::format("'{}' is not a number", text));
  }
  return value;
}

std::string format_time(double nanoseconds) {
  static const std::vector<Unit> kUnits = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  return with_unit(nanoseconds, kUnits);
}

std::string format_rate(double per_second, std::string_view unit) {
  static const std::vector<Unit> kUnits = {{"", 1},    {"k", 1e3},  {"M", 1e6},
                                           {"G", 1e9}, {"T", 1e12}, {"P", 1e15}};
  return with_unit(per_second, kUnits, fmt::format("{}/s", unit));
}

std::string format_bytes(double bytes) {
  static const std::vector<Unit> kUnits = {
      {"B", 1}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};
  if (std::fabs(bytes) < 1000) return fmt::format("{} B", std::llround(bytes));
  const std::string text = with_unit(bytes, kUnits);
  const size_t zeros = text.find(".0");  // "64.0 MiB" is "64 MiB"
  const size_t space = text.find(' ');
  const bool whole = zeros != std::string::npos && text.find_first_not_of('0', zeros + 1) == space;
  return whole ? text.substr(0, zeros) + text.substr(space) : text;
}

std::string place_in(const std::string& path, std::string_view text, size_t byte) {
  const std::string_view before = text.substr(0, byte > 0 ? byte - 1 : 0);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const size_t last = before.rfind('\n');
  const size_t column = before.size() - (last == std::string_view::npos ? 0 : last + 1);
  return path + ":" + std::to_string(lines + 1) + ":" + std::to_string(column + 1);
}

}  // namespace kbench
