#pragma once

#include <string>

#include "core/error.hpp"

namespace kbench {

// The whole file's bytes, or an Error (environment) that names it: missing, unreadable, a folder.
Result<std::string> read_file(const std::string& path);
// Written beside and renamed, so that readers see the old file or the new one.
Result<void> write_file(const std::string& path, const std::string& text);

}  // namespace kbench
