#pragma once

#include "backends/gpu_devices.hpp"
#include "harness/ceilings.hpp"

namespace kbench {

// What a GPU can do at its highest clocks: the bandwidth of its memory by clock and width of the
// bus, arithmetic by generation (dense matrix instructions for 16-bit types and f64 where it has
// them). Nothing is said of its caches. `cache_bytes` is its second-level cache.
Ceilings ceilings_of(const GpuDevice& device);

}  // namespace kbench
