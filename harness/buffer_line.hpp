#pragma once

#include "harness/header_line.hpp"
#include "harness/kernel_file.hpp"

namespace kbench {

// `name dtype[extent, ...]`, perhaps with `= 0`; the dtype may be a tensor's: x_t.
Result<BufferSpec> parse_buffer(const HeaderLine& line);

}  // namespace kbench
