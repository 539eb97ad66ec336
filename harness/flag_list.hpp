#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace kbench {

// Compiler options that a `flags` line may use: optimisation, arithmetic and tuning. Whatever names
// a file, a plugin, a linker, a macro or another language standard is refused, so that a kernel's
// build depends on nothing but its text. Errors name near misses.
Result<void> check_flag(std::string_view flag);

}  // namespace kbench
