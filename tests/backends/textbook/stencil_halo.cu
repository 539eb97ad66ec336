// Jacobi steps from a shared tile with its halo.
// kbench: task     jacobi_2d
// kbench: language cuda
// kbench: buffer   tmp x_t[rows, cols]
// kbench: launch   copy<<<ceil_div(rows * cols, 256), 256>>>(x, steps % 2 == 0 ? y : tmp, rows * cols)
// kbench: repeat   t steps
// kbench: launch   stencil<<<(ceil_div(cols, 16), ceil_div(rows, 16)), (16, 16)>>>((steps - t) % 2 == 0 ? y : tmp, (steps - t) % 2 == 0 ? tmp : y, rows, cols)
// kbench: end
#define RADIUS 1
#define B 16

__global__ void copy(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
}

__global__ void stencil(const float* in, float* out, int ny, int nx) {
  __shared__ float temp[B + 2 * RADIUS][B + 2 * RADIUS];
  int gx = threadIdx.x + blockIdx.x * B, gy = threadIdx.y + blockIdx.y * B;
  int lx = threadIdx.x + RADIUS, ly = threadIdx.y + RADIUS;
  auto at = [&](int y, int x) {
    y = max(0, min(ny - 1, y));
    x = max(0, min(nx - 1, x));
    return in[(size_t)y * nx + x];
  };
  temp[ly][lx] = at(gy, gx);
  if (threadIdx.x < RADIUS) {
    temp[ly][lx - RADIUS] = at(gy, gx - RADIUS);
    temp[ly][lx + B] = at(gy, gx + B);
  }
  if (threadIdx.y < RADIUS) {
    temp[ly - RADIUS][lx] = at(gy - RADIUS, gx);
    temp[ly + B][lx] = at(gy + B, gx);
  }
  __syncthreads();
  if (gx >= nx || gy >= ny) return;
  bool rim = gx == 0 || gy == 0 || gx == nx - 1 || gy == ny - 1;
  out[(size_t)gy * nx + gx] =
      rim ? temp[ly][lx]
          : 0.25f * (temp[ly - 1][lx] + temp[ly + 1][lx] + temp[ly][lx - 1] + temp[ly][lx + 1]);
}
