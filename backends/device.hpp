#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/expr.hpp"

namespace kbench {

// What can be asked to judge a kernel: "cpu", or "emulated", which runs cuda and hip sources on the
// CPU and proves them right without timing them (docs/emulated.md).
struct Device {
  enum class Kind { cpu, emulated };
  Kind kind = Kind::cpu;
  std::string name = "cpu";

  std::vector<std::string> languages() const;
  bool times() const { return kind == Kind::cpu; }
  // What is proven of a kernel that it verified and what is not; empty for the CPU, which times.
  std::string proof() const;
  // Of what stands for a GPU: SMS WARP SMEM_MAX THREADS_MAX CORES L2_BYTES VECTOR_BYTES.
  Bindings bindings() const;
};

// An unknown name is an error that lists the known ones.
Result<Device> parse_device(std::string_view name);

}  // namespace kbench
