// Rows staged through shared memory by memcpy, memset and whole structs.
// kbench: task     gather
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   gather_rows<<<(rows, ceil_div(cols, 64)), 16>>>(table, index, y, cols)
struct Four {
  float v[4];
};
__global__ void gather_rows(const float* table, const int* index, float* y, int cols) {
  __shared__ Four stage[16];
  const int first = blockIdx.y * 64 + 4 * threadIdx.x;
  const float* from = table + (size_t)index[blockIdx.x] * cols;
  float* to = y + (size_t)blockIdx.x * cols;
  if (threadIdx.x == 0) memset(stage, 0, sizeof(stage));
  __syncthreads();
  const int count = min(4, cols - first);
  if (count > 0) memcpy(&stage[threadIdx.x], from + first, count * sizeof(float));
  __syncthreads();
  Four mine = stage[15 - (15 - threadIdx.x)];
  for (int i = 0; i < count; ++i) to[first + i] = mine.v[i];
}
