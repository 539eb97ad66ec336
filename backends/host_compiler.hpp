#pragma once

#include <string>
#include <vector>

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

}  // namespace kbench
