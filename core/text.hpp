#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// "did you mean 'softmax'?" from the nearest names, else "known: a, b, c" (at most a dozen).
std::string suggestion(std::string_view given, const std::vector<std::string>& known);

std::vector<std::string> split(std::string_view text, char separator);
// At spaces, however many.
std::vector<std::string> split_words(std::string_view text);
// At commas outside parentheses, trimmed: "n, max(a, b)" has two parts.
std::vector<std::string> split_list(std::string_view text);
bool contains(const std::vector<std::string>& list, std::string_view text);
// A view into `text`, also when nothing is left of it.
std::string_view trim(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Length of the longest part from the start that is well-formed UTF-8 (Unicode 15, table 3-7).
size_t utf8_prefix(std::string_view bytes);
// What strangers wrote, fit for JSON and terminals: bytes that are no UTF-8 and control characters
// other than newline and tab become '?'.
std::string as_text(std::string_view bytes);

// "30s", "2m", "1h30m", "250ms".
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);
// "64MiB", "2G", "512".
Result<int64_t> parse_bytes(std::string_view text);
Result<int64_t> parse_integer(std::string_view text);
Result<double> parse_number(std::string_view text);

// For people: "12.3 us", "1.50 GB/s", "64 MiB", three significant digits.
std::string format_time(double nanoseconds);
std::string format_rate(double per_second, std::string_view unit);
std::string format_bytes(double bytes);

// "file:line:column" of the `byte`-th byte, counted from 1.
std::string place_in(const std::string& path, std::string_view text, size_t byte);

}  // namespace kbench
