#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/expr.hpp"

namespace kbench {

struct Device;

// This machine's processor, as far as kernels and results care.
struct Cpu {
  std::string model;         // "Intel(R) Xeon(R) Processor"
  int cores = 1;             // that this process may use
  std::vector<int> allowed;  // their numbers
  int64_t l2_bytes = 0;      // per core
  int64_t l3_bytes = 0;      // as the system reports it: may be absurd in a virtual machine
  int vector_bytes = 16;     // widest SIMD register that the compilers will use
  std::string governor;      // "" when the system does not say
};
const Cpu& this_cpu();

// The names that kernel headers may use of a device: SMS WARP SMEM_MAX THREADS_MAX CORES L2_BYTES
// VECTOR_BYTES. A CPU has no shared memory or warps: SMEM_MAX is 0, WARP 1.
Bindings device_bindings(const Cpu& cpu);
// The same of any device, for kernels in a language: what is written in cpp runs on this CPU.
Bindings bindings_of(const Device& device, const std::string& language);

// CPU, memory, kernel, governor, versions of compilers given: stored with every campaign.
nlohmann::json environment(const std::vector<std::string>& compilers);

// Version of the judge's rules: results of another version are judged again, never reused.
inline constexpr const char* kJudgeVersion = "2";
// kbench's own version with the commit it was built from.
std::string kbench_version();

}  // namespace kbench
