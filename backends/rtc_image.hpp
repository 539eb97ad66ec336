#pragma once

namespace kbench {

// The image of a GPU's compiler: a folder with these files.
inline constexpr const char* kRtcCode = "/code";    // a cubin, or a code object of AMD's
inline constexpr const char* kRtcNames = "/names";  // of the functions in it, a line each, in the
                                                    // order in which they were asked for

}  // namespace kbench
