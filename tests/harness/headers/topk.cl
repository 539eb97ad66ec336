// The k largest of each row, a work-group a row: a bitonic sort of candidates in local memory.
//
// kbench: task     topk
// kbench: language opencl
// kbench: dtype    f32
// kbench: param    BLOCK 64 *128 256
// kbench: require  k <= BLOCK
// kbench: define   TOP = k
// kbench: launch   topk<<<rows, BLOCK>>>(x, values, indices, local(BLOCK * 4), local(BLOCK * 4), cols)
__kernel void topk(__global const float* x, __global float* values, __global int* indices,
                   __local float* best, __local int* where, int cols);
