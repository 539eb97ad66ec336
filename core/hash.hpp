#pragma once

#include <string>
#include <string_view>

namespace kbench {

// SHA-256 in lower-case hex.
std::string sha256(std::string_view bytes);

}  // namespace kbench
