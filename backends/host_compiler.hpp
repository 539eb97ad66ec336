#pragma once

#include <string>
#include <vector>

#include "backends/compiler.hpp"
#include "core/error.hpp"

namespace kbench {

// A C++ compiler found on this machine.
struct HostCompiler {
  std::string name;     // "g++"
  std::string path;     // "/usr/bin/g++"
  std::string version;  // "g++ 12.2.0"
  std::string target;   // "x86-64 sapphirerapids", what -march=native means here
  bool is_clang = false;
};

// g++ and clang++, those that are on PATH and run. Asked once a process.
const std::vector<HostCompiler>& host_compilers();

// What is added where C++ stands for another language.
struct HostDialect {
  std::string language = "cpp";
  std::vector<std::string> flags;
  std::vector<std::string> libraries;  // arguments behind the source, such as objects
  std::string folder;                  // where these lie, for the compiler's sandbox
};
// `headers` is the folder of the dialect's kbench.h.
std::unique_ptr<Compiler> make_host_compiler(const std::string& cache_folder,
                                             const std::string& headers, HostDialect dialect);

}  // namespace kbench
