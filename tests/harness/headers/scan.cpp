// Prefix sum of each row in one pass; lanes by shifted adds.
//
// kbench: task     scan
// kbench: language cpp
// kbench: param    UNROLL 1 *4 8
// kbench: launch   scan<UNROLL>(x, y, rows, cols)
#include <kbench.h>

template <int unroll>
void scan(const x_t* x, y_t* y, int rows, int cols);
