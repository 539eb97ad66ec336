#pragma once

// Before a function whose loops become vector code: compiled for each generation of the instruction
// set, the best one chosen when the program starts. A sanitizer is not ready at that moment, and
// other architectures have one generation.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KBENCH_VECTOR_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KBENCH_VECTOR_CLONES
#endif
