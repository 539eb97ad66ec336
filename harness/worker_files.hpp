#pragma once

namespace kbench {

// Landlock's version on this kernel, 0 where it has none.
int landlock_version();

// From now on this process may open nothing but the image and the libraries of the compilers'
// OpenMP. False where the kernel refuses. A kernel that could open what it likes would call a
// vendor library where a kernel is asked for.
bool allow_only_files_of(int image);

}  // namespace kbench
