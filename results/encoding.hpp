#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// How values lie in the file's BLOB columns (docs/schema.md).

// One zstd frame that says its content's size.
std::string compress(std::string_view bytes);
Result<std::string> decompress(std::string_view frame);

// Little-endian IEEE doubles, one after the other.
std::string pack(const std::vector<double>& values);
std::vector<double> unpack(std::string_view bytes);

// ISO 8601 UTC with milliseconds from milliseconds since 1970.
std::string iso_time(int64_t milliseconds);
int64_t milliseconds_now();

}  // namespace kbench
