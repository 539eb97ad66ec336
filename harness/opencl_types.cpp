#include "harness/opencl_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/text.hpp"

namespace kbench {

namespace {

// OpenCL C's own names for what kbench.h also calls otherwise.
std::string plain(const std::string& type) {
  static const std::map<std::string, std::string> kSame = {
      {"int8_t", "char"},   {"int16_t", "short"},   {"int32_t", "int"},   {"int64_t", "long"},
      {"uint8_t", "uchar"}, {"uint16_t", "ushort"}, {"uint32_t", "uint"}, {"uint64_t", "ulong"}};
  const std::string name = type.substr(0, type.find('*'));
  const auto found = kSame.find(name);
  return (found == kSame.end() ? name : found->second) + type.substr(name.size());
}

// How a parameter that takes `given` is declared.
std::string declaration(const std::string& given) {
  if (given == "local") return "__local T*";
  return given.back() == '*' ? "__global " + given : given;
}

bool takes(const std::string& declared, const std::string& given) {
  if (given == "local") return declared.starts_with("local ");
  if (given.back() != '*') return plain(declared) == plain(given);
  const bool reads = given.starts_with("const ");
  const std::string type = plain(reads ? given.substr(6) : given);
  for (const std::string place : {"global ", "constant "}) {
    if (declared.starts_with(place + "const ")) {
      return plain(declared.substr(place.size() + 6)) == type;
    }
    if (declared.starts_with(place)) {
      return plain(declared.substr(place.size())) == type && (!reads || place == "constant ");
    }
  }
  return false;
}

}  // namespace

std::string opencl_letters(const Stub& stub) {
  std::string letters;
  for (const std::string& type : stub.types) {
    letters += type.back() == '*'  ? 'p'
               : type == "local"   ? 'l'
               : type == "int"     ? 'i'
               : type == "int64_t" ? 'q'
               : type == "double"  ? 'd'
               : type == "f16"     ? 'h'
               : type == "bf16"    ? 'b'
                                   : 'f';
  }
  return letters;
}

Judged<void> check_opencl_types(const LaunchPlan& plan, const CompiledImage& image,
                                const std::string& kernel_name) {
  for (const Stub& stub : plan.stubs) {
    auto refuse = [&](const std::string& what) {
      return fault(Outcome::compile_error, "launch",
                   fmt::format("{}:{}: {}", kernel_name, stub.line, what));
    };
    std::vector<std::string> known;
    for (const KernelResources& it : image.resources) known.push_back(it.function);
    const auto at = std::find(known.begin(), known.end(), stub.function);
    if (at == known.end()) {
      return refuse(
          fmt::format("no kernel {}: {}", stub.function, suggestion(stub.function, known)));
    }
    if (!stub.template_arguments.empty()) {
      return refuse(fmt::format("{}: OpenCL C has no templates", instance_of(stub)));
    }
    const auto& declared = image.resources[static_cast<size_t>(at - known.begin())].parameters;
    if (declared.size() != stub.types.size()) {
      return refuse(fmt::format("{} must take {} arguments, as its launch line says", stub.function,
                                stub.types.size()));
    }
    for (size_t i = 0; i < declared.size(); ++i) {
      const std::string& given = stub.types[i];
      if (takes(declared[i], given)) continue;
      return refuse(fmt::format("argument {} of {} must be declared {}{}, not {}", i + 1,
                                stub.function, declaration(given),
                                given.starts_with("const ") ? " (the kernel may only read it)" : "",
                                declared[i]));
    }
  }
  return {};
}

}  // namespace kbench
