#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
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
// An Error means it could not be started. Killed with its descendants at the limit; what it leaves
// running in its process group is killed when it ends.
Result<ProcessResult> run_process(const ProcessSpec& spec);

// A program that keeps running beside this one, its standard streams on /dev/null; killed, with its
// process group, when the object goes.
class Companion {
 public:
  // Each pair puts the first descriptor, of this process, at the second in the program's. With
  // `die-with-parent` in its sandbox it lives no longer than the thread that starts it.
  static Result<Companion> start(const std::vector<std::string>& arguments,
                                 const std::vector<std::pair<int, int>>& descriptors);
  Companion(Companion&& other) noexcept : process_(std::exchange(other.process_, -1)) {}
  Companion& operator=(Companion&& other) noexcept {
    std::swap(process_, other.process_);
    return *this;
  }
  ~Companion();
  pid_t process() const { return process_; }

 private:
  explicit Companion(pid_t process) : process_(process) {}
  pid_t process_ = -1;
};

// Found on PATH, or empty.
std::string find_program(const std::string& name);

}  // namespace kbench
