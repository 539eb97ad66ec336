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

// Calls visit(name, header) for each section; false when the image is malformed.
template <class Visit>
bool for_each_section(std::string_view image, const Visit& visit) {
  const auto header = record<Elf64_Ehdr>(image, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64) {
    return false;
  }
  auto section = [&](uint64_t index) {
    return record<Elf64_Shdr>(image, header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  const auto names = section(header->e_shstrndx);
  if (!names) return false;
  for (uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto it = section(i);
    if (!it || it->sh_name >= names->sh_size) return false;
    const auto name = part(image, names->sh_offset + it->sh_name, names->sh_size - it->sh_name);
    if (!name || !visit(name->substr(0, name->find('\0')), *it)) return false;
  }
  return true;
}

// A program's code, and a GPU kernel's, which has a section of its own.
bool is_text(std::string_view name) {
  return name == ".text" || name.starts_with(".text.");
}

}  // namespace

Result<ElfCode> elf_code(std::string_view image) {
  ElfCode code;
  std::string hashed;
  const bool whole = for_each_section(image, [&](std::string_view name, const Elf64_Shdr& section) {
    if (section.sh_type != SHT_PROGBITS || (section.sh_flags & SHF_ALLOC) == 0) return true;
    const auto bytes = part(image, section.sh_offset, section.sh_size);
    if (!bytes) return false;
    if (is_text(name)) code.text_bytes += static_cast<int64_t>(section.sh_size);
    hashed += std::string(name) + ' ' + sha256(*bytes) + '\n';
    return true;
  });
  if (!whole) return environment_error("the compiled image is no ELF-64 file");
  code.hash = sha256(hashed);
  return code;
}

std::string_view elf_section(std::string_view image, std::string_view wanted) {
  std::string_view found;
  for_each_section(image, [&](std::string_view name, const Elf64_Shdr& section) {
    if (name == wanted && section.sh_type != SHT_NOBITS) {
      found = part(image, section.sh_offset, section.sh_size).value_or("");
    }
    return true;
  });
  return found;
}

}  // namespace kbench
