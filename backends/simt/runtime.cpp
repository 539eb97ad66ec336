// The runtime as one unit, so that the check of an access can be inlined where it is called.
#include "diagnosis.cpp"
#include "schedule.cpp"
#include "shadow.cpp"
#include "stacks.cpp"
