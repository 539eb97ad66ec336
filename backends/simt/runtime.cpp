// The runtime as one unit: the check of an access is inlined where it is
// called.

// clang-format off
#include "shadow.cpp"
#include "async.cpp"
#include "diagnosis.cpp"
#include "grid.cpp"
#include "hooks.cpp"
#include "memory.cpp"
#include "rounds.cpp"
#include "schedule.cpp"
#include "stacks.cpp"
