#include "kbench.h"
#undef assert
#define assert(condition) \
  ((condition) ? void() : kbench_simt::failed_assertion(#condition, __builtin_LINE()))
