#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kbench {

// The energy that the processor's packages have used, as Linux counts it (powercap: RAPL of Intel
// and AMD). Machines without it, virtual ones mostly, have none; kernels since 5.10 let only root
// read it.
class EnergyCounter {
 public:
  // None: the machine has no counter, or does not let us read it.
  static std::optional<EnergyCounter> open(const std::string& folder = "/sys/class/powercap");
  // Since it was opened, of all packages together. The counters wrap: to be read at least once in
  // their range, which is minutes at the highest power.
  double joules();

 private:
  struct Package {
    std::string file;
    int64_t range_uj = 0, last_uj = 0;
  };
  std::vector<Package> packages_;
  double joules_ = 0;
};

}  // namespace kbench
