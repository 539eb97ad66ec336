#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/worker_process.hpp"

namespace kbench {

namespace {

// A guard of 1 MiB lies under the main thread's stack; one large frame may step over some of it.
constexpr uint64_t kStackGuard = uint64_t{2} << 20;
constexpr uint64_t kNearStackPointer = uint64_t{64} << 10;

Fault crashed(std::string rule, std::string message) {
  return {Outcome::crashed, std::move(rule), std::move(message)};
}

bool is_stack_overflow(const CrashReport& report) {
  const uint64_t at = report.address, pointer = report.stack_pointer;
  const bool under_stack =
      at < report.stack_low + kStackGuard && at + kStackGuard > report.stack_low;
  const bool near_pointer = at + kNearStackPointer > pointer && at < pointer + kPageBytes;
  return at != 0 && (under_stack || near_pointer);
}

Fault bad_access(int signal, const CrashReport& report, const WorkerLayout& layout) {
  using Side = WorkerLayout::Place::Side;
  if (report.read_clock != 0) {
    return {Outcome::suspicious, "clock", "reads a clock: the time is the judge's business"};
  }
  if (report.signal == 0) {
    return crashed("segfault", "dies of an invalid memory access");
  }
  if (const auto place = layout.place_of(report.address)) {
    if (place->side == Side::inside && !place->writable) {
      return {Outcome::input_modified, "write_to_input",
              fmt::format("writes to {}, which it may only read", place->tensor)};
    }
    if (place->side != Side::inside) {
      return {Outcome::out_of_bounds, "guard_page",
              fmt::format("touches memory {} {}",
                          place->side == Side::after ? "past the end of" : "before the start of",
                          place->tensor)};
    }
  }
  if (is_stack_overflow(report)) {
    return crashed("stack_overflow",
                   "overflows its stack of 8 MiB (deep recursion or large local arrays)");
  }
  return crashed(signal == SIGBUS ? "bus_error" : "segfault",
                 fmt::format("accesses invalid memory at {:#x}{}", report.address,
                             report.address < kPageBytes ? ", a null pointer" : ""));
}

Fault killed_by(int signal, const CrashReport& report, const WorkerLayout& layout) {
  switch (signal) {
    case SIGSEGV:
    case SIGBUS:
      return bad_access(signal, report, layout);
    case SIGABRT:
      if (report.memory_refused != 0) {
        return {Outcome::resource_limit, "memory", "asks for more memory than it may have"};
      }
      return crashed("abort", "aborts (abort(), a failed assertion or an uncaught exception)");
    case SIGFPE:
      return crashed("division", "divides an integer by zero");
    case SIGILL:
      return crashed("illegal_instruction", "executes an instruction this CPU does not have");
    case SIGSYS:
      return {Outcome::suspicious, "forbidden_call",
              "asks the system for what a kernel may not: a process, a socket, a file to write, a "
              "signal to others or shared memory"};
    case SIGXCPU:
    case SIGXFSZ:
      return {Outcome::resource_limit, "limit", "exceeds a limit on CPU time or file size"};
    case SIGKILL:
      return {Outcome::resource_limit, "memory",
              "was killed by the system, most likely for memory"};
    default:
      return crashed("signal", fmt::format("dies of signal {} ({})", signal, strsignal(signal)));
  }
}

}  // namespace

Fault fault_of_death(int status, const CrashReport& report, const WorkerLayout& layout) {
  if (WIFEXITED(status)) {
    return crashed("exited", fmt::format("ends its process with exit code {} instead of returning",
                                         WEXITSTATUS(status)));
  }
  return killed_by(WTERMSIG(status), report, layout);
}

}  // namespace kbench
