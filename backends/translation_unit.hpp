#pragma once

#include <string>

#include "backends/compiler.hpp"
#include "core/error.hpp"

namespace kbench {

// The request's source with its definitions before it, as text rather than -D: they can neither
// defeat a precompiled header nor break the system's. `#line` gives messages the kernel's name.
// `fallback` is the name of a source without one.
Result<std::string> translation_unit(const CompileRequest& request, const std::string& fallback);

}  // namespace kbench
