// Jacobi on a grid with a tile and its halo in local memory.
//
// kbench: task     jacobi
// kbench: language opencl
// kbench: dtype    f32
// kbench: param    BX 16 *32
// kbench: param    BY 4 *8
// kbench: require  (BX + 2) * (BY + 2) * 4 <= SMEM_MAX
// kbench: buffer   other f32[rows, cols]
// kbench: repeat   i steps
// kbench:   launch jacobi<<<(ceil_div(cols, BX), ceil_div(rows, BY)), (BX, BY)>>>(i == 0 ? u : (steps - i) % 2 ? other : y, (steps - i) % 2 ? y : other, local((BX + 2) * (BY + 2) * 4), rows, cols)
// kbench: end
__kernel void jacobi(__global const float* from, __global float* to, __local float* tile, int rows,
                     int cols);
