#include "backends/nvml_library.hpp"

#include <dlfcn.h>

#include <cstdlib>

#include "backends/library_function.hpp"

namespace kbench {

namespace {

// Values of nvml.h.
constexpr int kClockOfMultiprocessors = 1;
constexpr unsigned long long kPowerCap = 0x4, kHardwareSlowdown = 0x8, kSoftwareHeat = 0x20,
                             kHardwareHeat = 0x40, kPowerBrake = 0x80;

}  // namespace

std::optional<NvmlGpu> NvmlGpu::open(const std::string& bus) {
  const char* given = std::getenv("KBENCH_NVML");
  void* library = given != nullptr ? dlopen(given, RTLD_NOW | RTLD_LOCAL) : nullptr;
  for (const char* path : {"libnvidia-ml.so.1", "/usr/local/nvidia/lib64/libnvidia-ml.so.1"}) {
    if (library == nullptr) library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  }
  if (library == nullptr) return std::nullopt;
  NvmlGpu gpu;
  bool complete = true;
  auto need = [&](auto& function, const char* name) {
    complete = find_function(library, name, function) && complete;
  };
  need(gpu.calls_.init, "nvmlInit_v2");
  need(gpu.calls_.device, "nvmlDeviceGetHandleByPciBusId_v2");
  need(gpu.calls_.clock, "nvmlDeviceGetClockInfo");
  need(gpu.calls_.highest_clock, "nvmlDeviceGetMaxClockInfo");
  need(gpu.calls_.reasons, "nvmlDeviceGetCurrentClocksThrottleReasons");
  need(gpu.calls_.driver, "nvmlSystemGetDriverVersion");
  find_function(library, "nvmlDeviceGetTotalEnergyConsumption", gpu.calls_.energy);
  if (!complete || gpu.calls_.init() != 0) return std::nullopt;
  if (gpu.calls_.device(bus.c_str(), &gpu.device_) != 0) return std::nullopt;
  return gpu;
}

unsigned NvmlGpu::clock_mhz() const {
  unsigned mhz = 0;
  return calls_.clock(device_, kClockOfMultiprocessors, &mhz) == 0 ? mhz : 0;
}

unsigned NvmlGpu::highest_clock_mhz() const {
  unsigned mhz = 0;
  return calls_.highest_clock(device_, kClockOfMultiprocessors, &mhz) == 0 ? mhz : 0;
}

bool NvmlGpu::held_down() const {
  unsigned long long reasons = 0;
  if (calls_.reasons(device_, &reasons) != 0) return false;
  return (reasons &
          (kPowerCap | kHardwareSlowdown | kSoftwareHeat | kHardwareHeat | kPowerBrake)) != 0;
}

std::optional<uint64_t> NvmlGpu::millijoules() const {
  unsigned long long counted = 0;
  if (calls_.energy == nullptr || calls_.energy(device_, &counted) != 0) return std::nullopt;
  return counted;
}

std::string NvmlGpu::driver() const {
  char text[96] = {};
  return calls_.driver(text, sizeof text) == 0 ? text : "";
}

}  // namespace kbench
