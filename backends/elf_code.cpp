#include "backends/elf_code.hpp"

#include <elf.h>

#include <cstring>
#include <optional>

#include "core/hash.hpp"

namespace kbench {

namespace {

// The image comes from a compiler fed with hostile text: every offset is checked.
std::optional<std::string_view> part(std::string_view image, uint64_t offset, uint64_t bytes) {
  if (offset > image.size() || bytes > image.size() - offset) return std::nullopt;
  return image.substr(offset, bytes);
}

template <class Record>
std::optional<Record> record(std::string_view image, uint64_t offset) {
  const auto bytes = part(image, offset, sizeof(Record));
  if (!bytes) return std::nullopt;
  Record read;
  std::memcpy(&read, bytes->data(), sizeof read);
  return read;
}

}  // namespace

Result<ElfCode> elf_code(std::string_view image) {
  const auto malformed = [] { return environment_error("the compiled image is no ELF-64 file"); };
  const auto header = record<Elf64_Ehdr>(image, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64) {
    return malformed();
  }
  auto section = [&](uint64_t index) {
    return record<Elf64_Shdr>(image, header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  const auto names = section(header->e_shstrndx);
  if (!names) return malformed();

  ElfCode code;
  std::string hashed;
  for (uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto it = section(i);
    if (!it || it->sh_name >= names->sh_size) return malformed();
    if (it->sh_type != SHT_PROGBITS || (it->sh_flags & SHF_ALLOC) == 0) continue;
    const auto bytes = part(image, it->sh_offset, it->sh_size);
    const auto name = part(image, names->sh_offset + it->sh_name, names->sh_size - it->sh_name);
    if (!bytes || !name) return malformed();
    const std::string_view word = name->substr(0, name->find('\0'));
    if (word == ".text") code.text_bytes += static_cast<int64_t>(it->sh_size);
    hashed += std::string(word) + ' ' + sha256(*bytes) + '\n';
  }
  code.hash = sha256(hashed);
  return code;
}

}  // namespace kbench
