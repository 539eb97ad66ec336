#pragma once

#include "harness/kernel_file.hpp"

namespace kbench {

// A vendor baseline links libraries, which run outside what a header can be checked for: its text
// must be that of a file in reference_kernels/ of the data root. An error for any other file with
// a `baseline` or `link` line; every other kernel is fine.
Result<void> check_trusted(const KernelFile& kernel);

}  // namespace kbench
