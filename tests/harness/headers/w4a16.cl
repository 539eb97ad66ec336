// y = x W with 4-bit weights, transposed once so that neighbours in a work-group read neighbours.
//
// kbench: task     matmul_w4a16
// kbench: language opencl
// kbench: param    BLOCK 64 *128
// kbench: define   GROUP = group
// kbench: buffer   packed u8[k, ceil_div(n, 2)]
// kbench: prepare  pack<<<(ceil_div(n, 16), ceil_div(k, 16)), (16, 16)>>>(w, packed, n, k)
// kbench: launch   multiply<<<(ceil_div(n, BLOCK), m), BLOCK>>>(x, packed, scales, y, local(GROUP * 2), n, k)
#include <kbench.h>

__kernel void pack(__global const uchar* w, __global uchar* packed, int n, int k);
__kernel void multiply(__global const x_t* x, __global const uchar* packed,
                       __global const scales_t* scales, __global y_t* y, __local x_t* row, int n,
                       int k);
