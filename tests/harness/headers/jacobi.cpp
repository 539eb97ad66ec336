// Jacobi on a grid: each step reads one field and writes another. The steps ping-pong between y and
// one workspace so that the last one, whatever `steps` is, lands in y.
//
// kbench: task     jacobi
// kbench: language cpp
// kbench: param    TILE 32 *64 128
// kbench: flags    *-O3 | -O3 -ffast-math
// kbench: buffer   other u_t[rows, cols]
// kbench: repeat   i steps
// kbench:   launch jacobi(i == 0 ? u : (steps - i) % 2 ? other : y, (steps - i) % 2 ? y : other, rows, cols)
// kbench: end
#include <kbench.h>

void jacobi(const u_t* from, u_t* to, int rows, int cols);
