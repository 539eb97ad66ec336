#include "kbench.h"
