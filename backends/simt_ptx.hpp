#pragma once

#include <string>

#include "core/error.hpp"

namespace kbench {

// The source with inline assembly turned into calls of the emulated device (simt_tensor.h), line by
// line the same: mma.sync, ldmatrix, cp.async and what their addresses and predicates need. `code`
// is the source with comments and literals blanked. An Error names the instruction that cannot be
// emulated and its line.
Result<std::string> emulate_ptx(const std::string& source, const std::string& code,
                                const std::string& name);

}  // namespace kbench
