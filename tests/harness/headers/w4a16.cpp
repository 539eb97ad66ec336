// y = x W with 4-bit weights in groups that share a scale. Weights are repacked once into the order
// in which the inner loop reads them.
//
// kbench: task     matmul_w4a16
// kbench: language cpp
// kbench: param    NR 16 *32
// kbench: define   GROUP = group
// kbench: buffer   packed u8[ceil_div(n, NR), k, NR / 2]
// kbench: prepare  pack_weights(w, packed, n, k)
// kbench: launch   multiply<GROUP>(x, packed, scales, y, m, n, k)
#include <kbench.h>

void pack_weights(const uint8_t* w, uint8_t* packed, int n, int k);
template <int group>
void multiply(const x_t* x, const uint8_t* packed, const scales_t* scales, y_t* y, int m, int n,
              int k);
