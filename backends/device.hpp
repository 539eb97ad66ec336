#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/compiler.hpp"
#include "backends/gpu_devices.hpp"
#include "core/error.hpp"
#include "core/expr.hpp"

namespace kbench {

// What can be asked to judge a kernel: "cpu"; "emulated", which runs cuda and hip sources on the
// CPU and proves them right without timing them (docs/emulated.md); "cuda:sm_90" or "hip:gfx90a",
// which compile for that target and run nothing; "cuda:1" or "hip:0", a GPU of this machine
// (docs/gpu.md); "opencl" or "opencl:1", a device of OpenCL's, which must be a CPU: this one, so
// that cpp kernels run beside opencl's on it.
struct Device {
  enum class Kind { cpu, emulated, cuda, hip, opencl };
  Kind kind = Kind::cpu;
  std::string name = "cpu";
  std::string target = {};  // "sm_90", where kernels are only compiled
  int number = 0;           // of opencl's, cuda's or hip's

  std::vector<std::string> languages() const;
  // Which of the languages that a kernel is `written` in it takes; the first where it takes none.
  std::string language_among(const std::vector<std::string>& written) const;
  bool times() const { return kind == Kind::cpu || kind == Kind::opencl || is_gpu(); }
  bool runs() const { return target.empty(); }
  bool is_gpu() const { return (kind == Kind::cuda || kind == Kind::hip) && runs(); }
  Result<GpuDevice> gpu() const;  // where it is one; an Error where it has gone
  // What is proven of a kernel that passed and what is not; empty for devices that time.
  std::string proof() const;
  // Of what is no CPU: SMS WARP SMEM_MAX THREADS_MAX CORES L2_BYTES VECTOR_BYTES.
  Bindings bindings() const;
  std::unique_ptr<Compiler> make_compiler(const std::string& cache_folder) const;
};

// An unknown name is an error that lists the known ones; a GPU that is not here one that says why.
Result<Device> parse_device(std::string_view name);

}  // namespace kbench
