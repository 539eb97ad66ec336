#include "../kbench.h"
