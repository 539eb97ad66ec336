#pragma once

#include <vector>

namespace kbench {

// Who runs where on this machine, for kernels that use `threads` cores: timing has its cores for
// itself, everything else (judge, compilers, references) shares the rest. With too few cores they
// overlap.
struct Cores {
  std::vector<int> timing, rest;
};
Cores share_cores(const std::vector<int>& allowed, int threads);

// Binds the calling thread, and processes it starts, to these cores.
void bind_to(const std::vector<int>& cores);

}  // namespace kbench
