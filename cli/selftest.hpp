#pragma once

#include <string>

#include "cli/command.hpp"

namespace kbench {

// A test of the judge itself, registered by name from its own file, cli/selftest_<name>.cpp.
struct SelftestOptions {
  std::string folder;  // of the exploits
  std::string only;    // those whose name holds this
  int64_t trials = 0;  // how many of each kind; 0: as many as the suite asks for
  uint64_t seed = 1;
};
struct Selftest {
  std::string help;
  int (*run)(const SelftestOptions& options, const GlobalOptions& global);  // the exit code
};
Registry<Selftest>& selftests();

}  // namespace kbench
