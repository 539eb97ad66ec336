#include "harness/cores.hpp"

#include <sched.h>

#include <algorithm>

namespace kbench {

Cores share_cores(const std::vector<int>& allowed, int threads) {
  const auto wanted = static_cast<std::ptrdiff_t>(
      std::clamp<size_t>(static_cast<size_t>(std::max(threads, 1)), 1, allowed.size()));
  // The last cores: interrupts and other programs tend to the first.
  Cores cores{{allowed.end() - wanted, allowed.end()}, {allowed.begin(), allowed.end() - wanted}};
  if (cores.rest.empty()) cores.rest = allowed;
  return cores;
}

void bind_to(const std::vector<int>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);  // refused: the system places us
}

}  // namespace kbench
