// Histogram with a copy of the bins in each block's shared memory.
// kbench: task     histogram
// kbench: language cuda
// kbench: zero     y
// kbench: launch   histo_private_kernel<<<8, 128, bins * 4>>>(x, y, n, bins)
__global__ void histo_private_kernel(const int* data, int* histo, int length, int num_bins) {
  extern __shared__ int histo_s[];
  for (unsigned int bin = threadIdx.x; bin < num_bins; bin += blockDim.x) histo_s[bin] = 0;
  __syncthreads();
  for (unsigned int i = blockIdx.x * blockDim.x + threadIdx.x; i < length;
       i += blockDim.x * gridDim.x) {
    atomicAdd(&histo_s[data[i]], 1);
  }
  __syncthreads();
  for (unsigned int bin = threadIdx.x; bin < num_bins; bin += blockDim.x) {
    int value = histo_s[bin];
    if (value > 0) atomicAdd(&histo[bin], value);
  }
}
