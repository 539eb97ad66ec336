#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "backends/gpu_library.hpp"

// What the scripted driver stands for: a GPU whose memory is the host's, whose clock only kernels
// move, and whose kernels are C++ functions.
namespace scripted {

namespace gpu = kbench::gpu;
using gpu::Address;
using gpu::Result;

inline constexpr Result kInvalidatedCapture = 901;
using Work = std::deque<std::function<Result()>>;

struct Driver {
  bool initialised = false, has_context = false;
  Result stuck = gpu::kSuccess;  // an error that ends a context stays
  std::map<Address, size_t> allocated;
  size_t taken = 0;
  Work queue;  // of the one stream
  bool capturing = false, capture_is_valid = true;
  Work captured;
  bool persisting = false;  // lines in the L2 cache that a flush does not reach
  double clock_ns = 0;

  Result state() const {
    if (!initialised) return gpu::kNotInitialised;
    return has_context ? stuck : gpu::kInvalidContext;
  }
  bool holds(Address begin, size_t bytes) const {
    auto after = allocated.upper_bound(begin);
    if (after == allocated.begin()) return false;
    --after;
    return begin + bytes <= after->first + after->second;
  }
  // What stands in a stream while it is captured is not done, and nothing may wait for it.
  void put(std::function<Result()> work) {
    (capturing ? captured : queue).push_back(std::move(work));
  }
  Result may_wait() {
    if (!capturing) return state();
    capture_is_valid = false;
    return kInvalidatedCapture;
  }
  Result run_all() {
    while (!queue.empty() && stuck == gpu::kSuccess) {
      stuck = queue.front()();
      queue.pop_front();
    }
    return stuck;
  }
};

Driver& driver();

// What it takes (p pointer, f float, i int), and what it does.
struct Kernel {
  std::string takes;
  std::function<Result(const std::vector<void*>&)> run;
  int dynamic_shared_bytes = 48 << 10;
};

// By name.
std::map<std::string, Kernel>& kernels();

}  // namespace scripted
