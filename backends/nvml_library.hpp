#pragma once

#include <optional>
#include <string>

namespace kbench {

// What the driver's management library says of a GPU while it works: its clock, and whether
// something holds it down. Opened at run time (KBENCH_NVML, else libnvidia-ml.so.1); without it
// there is nothing to say.
class NvmlGpu {
 public:
  // `bus`: as cuDeviceGetPCIBusId writes it.
  static std::optional<NvmlGpu> open(const std::string& bus);

  unsigned clock_mhz() const;          // of the multiprocessors, now; 0: unknown
  unsigned highest_clock_mhz() const;  // 0: unknown
  bool held_down() const;              // by power or heat, or by the board, now
  std::string driver() const;          // "580.65.06"

 private:
  using Device = struct NvmlDeviceTag*;
  struct Calls {
    int (*init)();
    int (*device)(const char* bus, Device*);
    int (*clock)(Device, int which, unsigned*);
    int (*highest_clock)(Device, int which, unsigned*);
    int (*reasons)(Device, unsigned long long*);
    int (*driver)(char*, unsigned bytes);
  };
  Calls calls_{};
  Device device_ = nullptr;
};

}  // namespace kbench
