#pragma once

#include <span>
#include <string>
#include <vector>

namespace kbench {

// What may disturb timing now, one sentence each: other programs and virtual machines, frequency
// scaling, turbo, an unsteady core. Looks at the machine for a fifth of a second.
std::vector<std::string> disturbances();

// What runs of the same loop, in ns, say of the core they ran on: empty when a quarter of them at
// most takes 3 % more than the shortest.
std::string unsteadiness(std::span<const double> loops_ns);

// Ticks of all processors so far, as the first line of /proc/stat counts them.
struct CpuTicks {
  double busy = 0, stolen = 0, all = 0;  // `stolen`: by other virtual machines
};
CpuTicks parse_ticks(const std::string& line);

}  // namespace kbench
