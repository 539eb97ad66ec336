#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace kbench {

// What a 64-bit ELF image does, without what it is called: the size of its code, and a SHA-256 over
// every loaded section of program bits (code, constants, initial data, with their names).
struct ElfCode {
  int64_t text_bytes = 0;
  std::string hash;
};
Result<ElfCode> elf_code(std::string_view image);
// The bytes of a section; none where the image has none of that name.
std::string_view elf_section(std::string_view image, std::string_view name);

}  // namespace kbench
