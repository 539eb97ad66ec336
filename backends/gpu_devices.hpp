#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/expr.hpp"

namespace kbench {

// A GPU that CUDA's driver or HIP's runtime has.
struct GpuDevice {
  std::string name;    // "NVIDIA H200"
  std::string target;  // "sm_90a": the newest that it runs, with instructions of its own; "gfx90a"
  std::string driver;  // "CUDA 13.0, driver 580.65.06", "HIP 5.2.21153"
  std::string bus;     // "0000:65:00.0"
  int64_t memory_bytes = 0, l2_bytes = 0, multiprocessors = 0;
  double clock_hz = 0;                 // the highest
  double memory_bytes_per_second = 0;  // by clock and width of the bus; 0: unknown
  bool reaches_host_memory = false;    // kernels can follow pointers into the worker's own memory
  Bindings limits;                     // SMS WARP SMEM_MAX THREADS_MAX CORES L2_BYTES VECTOR_BYTES
};
// `language`: "cuda" or "hip". Asked once a process, of kbench-gpu, in the driver's order: what
// `cuda:1` counts. An Error: no driver, no GPU.
Result<std::vector<GpuDevice>> gpu_devices(const std::string& language);
// One of them; an Error where there is none of that number.
Result<GpuDevice> gpu_device(const std::string& language, int number);

// What to put before a program that opens the driver: the sandbox with the GPU's files in it, or,
// where the driver does not work in that, the limits alone; and the environment that the driver
// and its library are found by.
std::vector<std::string> gpu_command(const std::string& language, const std::string& program);
// "bwrap" or "no namespaces: the driver does not start in them".
std::string gpu_sandbox(const std::string& language);

}  // namespace kbench
