#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// What a sandboxed program may see and use. It always gets new user, mount, pid, network and IPC
// namespaces, a read-only view of the system's programs and libraries, an empty environment and no
// other file; where namespaces are forbidden only the limits hold, and sandbox_level() says so.
struct SandboxSpec {
  std::vector<std::string> read_only;  // further paths, visible at the same place
  std::vector<std::string> writable;
  std::vector<std::string> devices;  // files of /dev, usable as they are
  size_t memory_bytes = 0;           // address space; 0: unlimited
  size_t file_bytes = 0;             // largest file written; 0: unlimited
  int cpu_seconds = 0;               // 0: unlimited
  std::vector<int> descriptors;      // kept open besides 0, 1, 2
};

// The arguments to put before a command's own so that it runs in that sandbox (prlimit, bwrap).
std::vector<std::string> sandbox_command(const SandboxSpec& spec);

// "namespaces+limits" or "limits only: <why namespaces do not work here>". Tried once, then
// remembered.
const std::string& sandbox_level();

}  // namespace kbench
