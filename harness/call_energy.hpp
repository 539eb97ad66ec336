#pragma once

#include "backends/device.hpp"
#include "harness/bench_session.hpp"
#include "harness/loaded_kernel.hpp"

namespace kbench {

// Whether energy on a device may be counted: of the CPU where Linux counts it and lets us read it
// (harness/energy.hpp); of a GPU only its library can tell, once it runs.
bool may_count_energy(const Device& device);

// Joules of one call that takes `call_ns`, of everything on the package or board, from batches of
// calls for 0.1 s on the CPU and more than a second on a GPU; 0: not counted. What these calls
// compute is not verified; in-out tensors are not put right between them.
double call_joules(BenchSession& session, LoadedKernel& kernel, size_t part, double call_ns);

}  // namespace kbench
