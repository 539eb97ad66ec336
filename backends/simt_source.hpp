#pragma once

#include <string>

#include "core/error.hpp"

namespace kbench {

// A CUDA or HIP source as C++ for the emulated device, line by line the same: declarations of
// dynamic shared memory (`extern __shared__ float tile[];`) become pointers to where the runtime
// keeps it; inline assembly becomes calls (backends/simt_ptx.hpp). An Error names the line of what
// cannot be emulated.
Result<std::string> simt_source(const std::string& source, const std::string& name);

}  // namespace kbench
