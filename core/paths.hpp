#pragma once

#include <string>

namespace kbench {

// The folder of this program's own executable.
std::string program_folder();

// The folder that holds tasks/, reference_kernels/ and harness/include/: $KBENCH_HOME, else the
// nearest folder above the program that has them, else <program>/../share/kbench. Empty when there
// is none.
const std::string& data_root();

// $XDG_CACHE_HOME/kbench or ~/.cache/kbench: compiled images and measured ceilings; safe to delete.
std::string cache_folder();

}  // namespace kbench
