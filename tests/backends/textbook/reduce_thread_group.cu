// A reduction that takes any group of threads.
// kbench: task     row_sum
// kbench: language cuda
// kbench: zero     y
// kbench: launch   sum_kernel<<<(ceil_div(cols, 1024), rows), 256, 256 * 4>>>(y, x, cols)
#include <cooperative_groups.h>
using namespace cooperative_groups;

__device__ float reduce_sum(thread_group g, float *temp, float val)
{
    int lane = g.thread_rank();

    // Each iteration halves the number of active threads
    for (int i = g.size() / 2; i > 0; i /= 2)
    {
        temp[lane] = val;
        g.sync(); // wait for all threads to store
        if (lane < i) val += temp[lane + i];
        g.sync(); // wait for all threads to load
    }
    return val; // note: only thread 0 will return full sum
}

__device__ float thread_sum(const float *input, int n)
{
    float sum = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n / 4; i += blockDim.x * gridDim.x) {
        sum += input[4 * i] + input[4 * i + 1] + input[4 * i + 2] + input[4 * i + 3];
    }
    if (blockIdx.x == 0 && threadIdx.x < n % 4) sum += input[n - 1 - threadIdx.x];
    return sum;
}

__global__ void sum_kernel(float *sum, const float *input, int n)
{
    float my_sum = thread_sum(input + (size_t)blockIdx.y * n, n);
    extern __shared__ float temp[];
    auto g = this_thread_block();
    thread_group tile = tiled_partition(g, 32);
    int tileIdx = g.thread_rank() / 32;
    float* t = &temp[32 * tileIdx];
    float tile_sum = reduce_sum(tile, t, my_sum);
    if (tile.thread_rank() == 0) atomicAdd(&sum[blockIdx.y], tile_sum);
}
