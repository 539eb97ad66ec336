// Causal attention, one work-group a query.
//
// kbench: task     attention
// kbench: language opencl
// kbench: dtype    f32
// kbench: param    BLOCK 32 *64
// kbench: define   HEAD = d
// kbench: launch   attention<<<(seq, heads), BLOCK>>>(q, k, v, out, local((BLOCK + HEAD) * 4), seq, scale)
__kernel void attention(__global const float* q, __global const float* k, __global const float* v,
                        __global float* out, __local float* work, int seq, float scale);
