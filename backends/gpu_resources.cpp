#include "backends/gpu_resources.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>

#include "backends/elf_code.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

// "_Z5tiledILi16EEvPKfS1_Pfiii" -> "tiled<16>".
std::string plain_name(const std::string& symbol) {
  int failed = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &failed), std::free);
  if (failed != 0) return symbol;
  std::string name = demangled.get();
  name.resize(name.rfind('('));
  if (name.starts_with("void ")) name.erase(0, 5);
  return name;
}

// The number before `unit` in a line such as "0 bytes stack frame, 8 bytes spill stores".
int64_t number_before(const std::string& line, const std::string& unit) {
  std::smatch found;
  return std::regex_search(line, found, std::regex("(\\d+) " + unit)) ? std::stoll(found[1]) : 0;
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
  static const std::regex kEntry("Compiling entry function '([^']+)'");
  static const std::regex kOther("Function properties for (\\S+)");
  std::vector<KernelResources> all;
  std::vector<std::string> others;
  bool of_entry = false;
  for (const std::string& line : split(log, '\n')) {
    if (!line.starts_with("ptxas info") && !line.starts_with("ptxas         .")) {
      others.push_back(line);
      continue;
    }
    std::smatch found;
    if (std::regex_search(line, found, kEntry)) {
      all.push_back({found[1]});
    } else if (std::regex_search(line, found, kOther)) {
      of_entry = !all.empty() && found[1] == all.back().function;
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
