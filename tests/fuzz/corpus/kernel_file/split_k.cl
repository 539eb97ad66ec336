// C = A B with the sum over k in parts, in two launches.
//
// kbench: task     matmul
// kbench: language opencl
// kbench: dtype    f32
// kbench: param    TILE  8 *16
// kbench: param    SPLIT 1 *4
// kbench: require  SPLIT <= k && TILE * TILE <= THREADS_MAX
// kbench: buffer   partial f32[SPLIT, m, n]
// kbench: launch   multiply<<<(ceil_div(n, TILE), ceil_div(m, TILE), SPLIT), (TILE, TILE)>>>(a, b, partial, local(TILE * TILE * 4), local(TILE * TILE * 4), m, n, k)
// kbench: launch   sum_parts<<<ceil_div(m * n, 256), 256>>>(partial, c, int64(m * n))
__kernel void multiply(__global const float* a, __global const float* b, __global float* partial,
                       __local float* tile_a, __local float* tile_b, int m, int n, int k);
__kernel void sum_parts(__global const float* partial, __global float* c, long elements);
