#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kbench {

// What the driver's management library says of a GPU while it works: its clock, whether something
// holds it down, and the energy it uses. Opened at run time (KBENCH_NVML, else libnvidia-ml.so.1);
// without it there is nothing to say.
class NvmlGpu {
 public:
  // `bus`: as cuDeviceGetPCIBusId writes it.
  static std::optional<NvmlGpu> open(const std::string& bus);

  unsigned clock_mhz() const;          // of the multiprocessors, now; 0: unknown
  unsigned highest_clock_mhz() const;  // 0: unknown
  bool held_down() const;              // by power or heat, or by the board, now
  std::string driver() const;          // "580.65.06"
  // Used since the driver was loaded, of the whole board; counted since Volta.
  std::optional<uint64_t> millijoules() const;

 private:
  using Device = struct NvmlDeviceTag*;
  struct Calls {
    int (*init)();
    int (*device)(const char* bus, Device*);
    int (*clock)(Device, int which, unsigned*);
    int (*highest_clock)(Device, int which, unsigned*);
    int (*reasons)(Device, unsigned long long*);
    int (*driver)(char*, unsigned bytes);
    int (*energy)(Device, unsigned long long* millijoules);  // null in older libraries
  };
  Calls calls_{};
  Device device_ = nullptr;
};

}  // namespace kbench
