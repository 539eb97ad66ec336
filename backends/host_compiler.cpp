#include "backends/host_compiler.hpp"

#include <sys/utsname.h>

#include <optional>
#include <regex>

#include "core/process.hpp"

namespace kbench {

namespace {

std::optional<std::string> ask(const std::vector<std::string>& arguments, const char* pattern) {
  ProcessSpec spec;
  spec.arguments = arguments;
  spec.limit = std::chrono::seconds(10);
  const auto result = run_process(spec);
  if (!result || result->exit_code != 0) return std::nullopt;
  std::smatch match;
  const std::string answer = result->out + result->err;
  if (!std::regex_search(answer, match, std::regex(pattern))) return std::nullopt;
  return match[1];
}

std::string machine() {
  utsname names{};
  uname(&names);
  return std::string(names.machine) == "x86_64" ? "x86-64" : names.machine;
}

std::optional<HostCompiler> look_for(const std::string& name, bool is_clang) {
  HostCompiler compiler{name, find_program(name), name, machine(), is_clang};
  if (compiler.path.empty()) return std::nullopt;
  const auto version = ask({compiler.path, "--version"}, R"((\d+\.\d+\.\d+))");
  if (!version) return std::nullopt;
  compiler.version += " " + *version;
  const auto processor =
      is_clang ? ask({compiler.path, "-march=native", "-###", "-E", "-x", "c++", "/dev/null"},
                     R"re("-target-cpu" "([^"]+)")re")
               : ask({compiler.path, "-march=native", "-Q", "--help=target"}, R"(-march=\s+(\S+))");
  compiler.target += " " + processor.value_or("native");
  return compiler;
}

}  // namespace

const std::vector<HostCompiler>& host_compilers() {
  static const std::vector<HostCompiler> kFound = [] {
    std::vector<HostCompiler> compilers;
    for (const auto& [name, is_clang] : {std::pair{"g++", false}, std::pair{"clang++", true}}) {
      if (auto compiler = look_for(name, is_clang)) compilers.push_back(*compiler);
    }
    return compilers;
  }();
  return kFound;
}

}  // namespace kbench
