#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/compiler.hpp"

namespace kbench {

// What each kernel of a compiled GPU image needs, as far as can be told.
// From what ptxas says (-v) as it makes a cubin; its lines are taken out of `log`.
std::vector<KernelResources> resources_of_ptxas(std::string& log);
// From the notes of a code object of AMD's (the metadata of its version 3 and later).
std::vector<KernelResources> resources_of_code_object(std::string_view image);

// "tiled<16>: 31 registers a thread, 2048 bytes of shared memory, 0 of stack, no spills".
std::string text_of(const KernelResources& resources);

}  // namespace kbench
