#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// A program run to its end, its output kept (up to a limit) and its time bounded.
struct ProcessSpec {
  std::vector<std::string> arguments;  // arguments[0] is the program, looked up on PATH
  std::string input;                   // for its standard input
  std::chrono::milliseconds limit{60'000};
  size_t output_limit_bytes = size_t{1} << 20;  // the rest is read and thrown away
  std::vector<std::string> environment;         // "NAME=value"; nothing is inherited but PATH
};
struct ProcessResult {
  int exit_code = -1;  // or -signal
  bool timed_out = false;
  std::string out, err;
  double milliseconds = 0;
};
// An Error means it could not be started. Killed with its descendants at the limit.
Result<ProcessResult> run_process(const ProcessSpec& spec);

// Found on PATH, or empty.
std::string find_program(const std::string& name);

}  // namespace kbench
