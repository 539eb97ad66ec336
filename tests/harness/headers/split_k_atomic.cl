// C += A B over parts of k; OpenCL adds floats by compare and exchange of their bits.
//
// kbench: task     matmul
// kbench: language opencl
// kbench: dtype    f32
// kbench: param    SPLIT 2 *4
// kbench: require  SPLIT <= k
// kbench: zero     c
// kbench: launch   multiply_add<<<(ceil_div(n, 16), ceil_div(m, 16), SPLIT), (16, 16)>>>(a, b, c, m, n, k)
__kernel void multiply_add(__global const float* a, __global const float* b, __global uint* c,
                           int m, int n, int k);
