// Bitonic sort of a row in shared memory, tile after tile; the best k stay in front.
// kbench: task     top_k
// kbench: language cuda
// kbench: launch   bitonic<<<rows, 256>>>(x, values, indices, cols, k)
struct Pair {
  float key;
  int value;
};

__device__ inline bool ahead(Pair a, Pair b) {
  return a.key > b.key || (a.key == b.key && a.value < b.value);
}

__global__ void bitonic(const float* x, float* values, int* indices, int cols, int k) {
  __shared__ Pair s[512];
  const int tid = threadIdx.x;
  // The upper half takes 256 new elements at a time.
  s[tid] = {-INFINITY, 0x7fffffff};
  for (int base = 0; base < cols; base += 256) {
    int i = base + tid;
    s[256 + tid] = i < cols ? Pair{x[(size_t)blockIdx.x * cols + i], i} : Pair{-INFINITY, 0x7fffffff};
    for (int size = 2; size <= 512; size <<= 1) {
      for (int stride = size / 2; stride > 0; stride >>= 1) {
        __syncthreads();
        int pos = 2 * tid - (tid & (stride - 1));
        bool forward = size == 512 || (pos & size) == 0;
        Pair a = s[pos], b = s[pos + stride];
        if (ahead(b, a) == forward) {
          s[pos] = b;
          s[pos + stride] = a;
        }
      }
    }
    __syncthreads();
  }
  for (int j = tid; j < k; j += 256) {
    values[(size_t)blockIdx.x * k + j] = s[j].key;
    indices[(size_t)blockIdx.x * k + j] = s[j].value;
  }
}
