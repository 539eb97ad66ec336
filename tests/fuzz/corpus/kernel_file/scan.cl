// Prefix sum with look-back: chunks wait for the one before, so their states start from zero.
//
// kbench: task     scan
// kbench: language opencl
// kbench: dtype    f32
// kbench: param    BLOCK 64 *128 256
// kbench: buffer   states u32[rows, ceil_div(cols, BLOCK)] = 0
// kbench: buffer   sums f32[rows, ceil_div(cols, BLOCK)]
// kbench: launch   scan<<<(ceil_div(cols, BLOCK), rows), BLOCK>>>(x, y, states, sums, local(BLOCK * 4), cols)
__kernel void scan(__global const float* x, __global float* y, __global uint* states,
                   __global float* sums, __local float* chunk, int cols);
