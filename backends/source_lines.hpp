#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kbench {

// "line 23" for each address in an image compiled with line numbers, asked of addr2line in the
// compilers' sandbox. Of inlined functions the caller counts where they are the device's own. Empty
// where nothing is known.
std::vector<std::string> source_lines(const std::string& image,
                                      const std::vector<uint64_t>& addresses);

}  // namespace kbench
