#pragma once

#include <optional>
#include <string>

#include "harness/outcome.hpp"
#include "harness/worker_layout.hpp"

namespace kbench {

// What a worker for a GPU left in its message: the word "gpu:", then what happened ("input",
// "bounds", "memory", "host", "driver", or the number of an error of the driver's), then words for
// people. `address`: of the tensor or gap that it happened at. None if the message is something
// else.
std::optional<Fault> gpu_fault(const std::string& message, const WorkerLayout& layout,
                               uint64_t address);

}  // namespace kbench
