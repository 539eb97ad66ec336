#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr.hpp"

namespace kbench {

// Targets that kbench knows by name, oldest first: "sm_90" (cuda), "gfx90a" (hip).
std::vector<std::string> gpu_targets(std::string_view language);

// What a target offers: WARP, SMEM_MAX (the most shared memory a block may ask for), THREADS_MAX,
// and of the largest product with it SMS, CORES and L2_BYTES. Sources: CUDA C++ Programming Guide,
// "Compute Capabilities"; the ISA guides and white papers of AMD's targets. A target that is not
// known gets what the oldest of its language has.
Bindings gpu_bindings(std::string_view language, std::string_view target);

// What a multiprocessor of one of NVIDIA's targets keeps resident at once. Source: the toolkit's
// cuda_occupancy.h, and the guide's table.
struct Residency {
  int64_t threads = 0, blocks = 0, shared_bytes = 0;
  int64_t reserved_bytes = 0;  // of shared memory, for each block
};
// None: the target is not known.
std::optional<Residency> residency_of(std::string_view target);

}  // namespace kbench
