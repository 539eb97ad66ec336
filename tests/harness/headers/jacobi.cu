// Jacobi on a grid, one thread a point.
//
// kbench: task     jacobi
// kbench: language cuda hip
// kbench: param    BX 16 *32 64
// kbench: param    BY 4 *8 16
// kbench: require  BX * BY <= THREADS_MAX
// kbench: buffer   other u_t[rows, cols]
// kbench: repeat   i steps
// kbench:   launch jacobi<BX, BY><<<(ceil_div(cols, BX), ceil_div(rows, BY)), (BX, BY)>>>(i == 0 ? u : (steps - i) % 2 ? other : y, (steps - i) % 2 ? y : other, rows, cols)
// kbench: end
#include <kbench.h>

template <int bx, int by>
__global__ void jacobi(const u_t* from, u_t* to, int rows, int cols);
