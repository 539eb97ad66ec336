#pragma once

#include <vector>

#include "harness/worker_filter.hpp"

namespace kbench {

// The life of a worker after its fork: maps the tensors, gives every right away, loads the image
// and serves requests on the control page until killed. `descriptors` as in LoadDescriptor; all are
// closed, and every other one of this process, before the candidate's code runs. What it throws
// ends the process.
[[noreturn]] void live_as_worker(const std::vector<int>& descriptors,
                                 const WorkerFilters& filters) noexcept;

}  // namespace kbench
