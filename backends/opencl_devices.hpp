#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/expr.hpp"

namespace kbench {

// A device of an OpenCL driver of this machine.
struct OpenclDevice {
  std::string name;      // "basic-AMD EPYC ..."
  std::string platform;  // "Portable Computing Language"
  std::string version;   // of platform and driver: part of a build's identity
  bool is_cpu = false;   // others are listed, but kernels do not run on them
  Bindings limits;       // SMS WARP SMEM_MAX THREADS_MAX CORES L2_BYTES VECTOR_BYTES
};
// Asked once a process, of kbench-opencl: drivers may die, and hold threads. In the order that
// `opencl:1` counts in. An Error: no loader, no driver.
Result<std::vector<OpenclDevice>> opencl_devices();

// What a process with drivers needs to see of the system, beside programs and libraries: the list
// of drivers, and what hwloc, which PoCL asks, reads. Only what is there.
std::vector<std::string> opencl_paths();

// Beside this program, or in KBENCH_OPENCL.
std::string opencl_program();

}  // namespace kbench
