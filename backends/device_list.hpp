#pragma once

#include <string>
#include <vector>

namespace kbench {

// What there is beside the CPU to judge kernels with, and why not.
struct FoundDevice {
  std::string name;      // "opencl:0", "emulated", "cuda:0", "cuda", "hip"
  std::string compiler;  // "NVRTC 13.0"; empty: none, see `missing`
  std::string place;     // the library, or the GPU
  std::vector<std::string> targets;
  std::string missing;  // why there is no compiler
  std::string runs;     // what becomes of the kernels, or why they do not run
};
// Starts the compilers that are found; hipRTC is tried with every target, in a second or two.
std::vector<FoundDevice> found_devices(const std::string& cache_folder);

}  // namespace kbench
