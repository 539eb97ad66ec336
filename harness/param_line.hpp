#pragma once

#include "harness/header_line.hpp"
#include "harness/kernel_file.hpp"

namespace kbench {

// `BLOCK 64 128 *256 512`: integers, decimal numbers and words; * marks the default, else the
// first.
Result<Param> parse_param(const HeaderLine& line);
// `-O3 | *-O3 -ffast-math`: the param FLAGS, whose values are sets of allow-listed options.
Result<Param> parse_flags(const HeaderLine& line);

}  // namespace kbench
