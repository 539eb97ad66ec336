// Coalesced transpose through a padded tile, eight rows of threads for 32 of elements.
// kbench: task     transpose
// kbench: language cuda
// kbench: launch   transpose<<<(ceil_div(cols, 32), ceil_div(rows, 32)), (32, 8)>>>(x, y, rows, cols)
const int TILE_DIM = 32;
const int BLOCK_ROWS = 8;

__global__ void transpose(const float* idata, float* odata, int rows, int cols) {
  __shared__ float tile[TILE_DIM][TILE_DIM + 1];
  int x = blockIdx.x * TILE_DIM + threadIdx.x;
  int y = blockIdx.y * TILE_DIM + threadIdx.y;
  for (int j = 0; j < TILE_DIM; j += BLOCK_ROWS)
    if (x < cols && y + j < rows) tile[threadIdx.y + j][threadIdx.x] = idata[(size_t)(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * TILE_DIM + threadIdx.x;
  y = blockIdx.x * TILE_DIM + threadIdx.y;
  for (int j = 0; j < TILE_DIM; j += BLOCK_ROWS)
    if (x < rows && y + j < cols) odata[(size_t)(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
