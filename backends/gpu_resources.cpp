#include "backends/gpu_resources.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "backends/elf_code.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

// "_Z5tiledILi16EEvPKfS1_Pfiii" -> "tiled<16>". What is not mangled stays: "f" would be a type.
std::string plain_name(const std::string& symbol) {
  if (!symbol.starts_with("_Z")) return symbol;
  int failed = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &failed), std::free);
  if (failed != 0) return symbol;
  std::string name = demangled.get();
  name.resize(std::min(name.rfind('('), name.size()));
  if (name.starts_with("void ")) name.erase(0, 5);
  return name;
}

// The number before `unit` in a line such as "0 bytes stack frame, 8 bytes spill stores".
int64_t number_before(const std::string& line, const std::string& unit) {
  const size_t end = line.find(' ' + unit);
  if (end == std::string::npos) return 0;
  size_t begin = end;
  while (begin > 0 && std::isdigit(static_cast<unsigned char>(line[begin - 1])) != 0) --begin;
  int64_t number = 0;
  std::from_chars(line.data() + begin, line.data() + end, number);
  return number;
}

// What stands behind `before`, up to `ends`; empty if that is not in the line. The names of
// functions are as long as a hostile source wants them, and std::regex recurses.
std::string behind(const std::string& line, std::string_view before, char ends) {
  const size_t at = line.find(before);
  if (at == std::string::npos) return "";
  const size_t begin = at + before.size();
  return line.substr(begin, line.find(ends, begin) - begin);
}

// A desc of the note AMDGPU, of type NT_AMDGPU_METADATA.
constexpr uint32_t kMetadataNote = 32;

std::string_view metadata_of(std::string_view notes) {
  while (notes.size() >= 12) {
    uint32_t sizes[3];  // of the owner's name, of what follows it; the type
    std::memcpy(sizes, notes.data(), sizeof sizes);
    const size_t name = (size_t{sizes[0]} + 3) / 4 * 4, bytes = (size_t{sizes[1]} + 3) / 4 * 4;
    if (12 + name + bytes > notes.size()) return {};
    if (sizes[2] == kMetadataNote) return notes.substr(12 + name, sizes[1]);
    notes.remove_prefix(12 + name + bytes);
  }
  return {};
}

}  // namespace

std::vector<KernelResources> resources_of_ptxas(std::string& log) {
  std::vector<KernelResources> all;
  std::vector<std::string> others;
  bool of_entry = false;
  for (const std::string& line : split(log, '\n')) {
    if (!line.starts_with("ptxas info") && !line.starts_with("ptxas         .")) {
      others.push_back(line);
      continue;
    }
    const std::string entry = behind(line, "Compiling entry function '", '\'');
    const std::string described = behind(line, "Function properties for ", ' ');
    if (!entry.empty()) {
      all.push_back({entry});
    } else if (!described.empty()) {
      of_entry = !all.empty() && described == all.back().function;
    } else if (of_entry && line.find("bytes stack frame") != std::string::npos) {
      all.back().stack_bytes = number_before(line, "bytes stack frame");
      all.back().spilled_bytes = number_before(line, "bytes spill stores");
    } else if (of_entry && line.find("Used ") != std::string::npos) {
      all.back().registers = number_before(line, "registers");
      all.back().shared_bytes = number_before(line, "bytes smem");
    }
  }
  while (!others.empty() && others.back().empty()) others.pop_back();
  log = join(others, "\n");
  for (KernelResources& it : all) it.function = plain_name(it.function);
  return all;
}

std::vector<KernelResources> resources_of_code_object(std::string_view image) {
  std::vector<KernelResources> all;
  const std::string_view packed = metadata_of(elf_section(image, ".note"));
  const auto map = nlohmann::json::from_msgpack(packed.begin(), packed.end(), true, false);
  if (!map.is_object() || !map.contains("amdhsa.kernels")) return all;
  constexpr int64_t kRegisterBytes = 4;
  for (const auto& kernel : map["amdhsa.kernels"]) {
    if (!kernel.is_object()) continue;
    const auto number = [&](const char* name) { return kernel.value(name, int64_t{0}); };
    all.push_back({plain_name(kernel.value(".name", "")), number(".vgpr_count"),
                   number(".group_segment_fixed_size"), number(".private_segment_fixed_size"),
                   number(".vgpr_spill_count") * kRegisterBytes});
  }
  return all;
}

std::string text_of(const KernelResources& it) {
  const std::string spills =
      it.spilled_bytes > 0 ? fmt::format("{} bytes spilled", it.spilled_bytes) : "no spills";
  return fmt::format("{}: {} registers a thread, {} bytes of shared memory, {} of stack, {}",
                     it.function, it.registers, it.shared_bytes, it.stack_bytes, spills);
}

}  // namespace kbench
