// Dynamic shared memory cut into arrays of several types.
// kbench: task     layer_norm_backward
// kbench: language cuda
// kbench: dtype    f32
// kbench: launch   backward_input<<<rows, 64, 2 * 64 * 4 + 64 * 8 + 16>>>(dy, x, mean, rstd, gamma, dx, cols)
// kbench: launch   backward_weights<<<ceil_div(cols, 32), (32, 8), 2 * 8 * 33 * 4>>>(dy, x, mean, rstd, dgamma, dbeta, rows, cols)
extern __shared__ __align__(sizeof(double)) unsigned char raw_smem[];

__global__ void backward_input(const float* dy, const float* x, const float* mean, const float* rstd,
                               const float* gamma, float* dx, int cols) {
  double* check = reinterpret_cast<double*>(raw_smem);
  float* s1 = reinterpret_cast<float*>(check + blockDim.x);
  float* s2 = &s1[blockDim.x];
  int* done = (int*)(s2 + blockDim.x);
  const int row = blockIdx.x, t = threadIdx.x;
  const float mu = mean[row], r = rstd[row];
  float a = 0, b = 0;
  for (int j = t; j < cols; j += blockDim.x) {
    const float g = dy[(size_t)row * cols + j] * gamma[j], h = (x[(size_t)row * cols + j] - mu) * r;
    a += g;
    b += g * h;
  }
  s1[t] = a, s2[t] = b, check[t] = a;
  if (t == 0) done[0] = 0;
  __syncthreads();
  for (int s = blockDim.x / 2; s; s >>= 1) {
    if (t < s) {
      s1[t] += s1[t + s];
      s2[t] += s2[t + s];
      check[t] += check[t + s];
    }
    __syncthreads();
  }
  if (t == 0) done[0] = fabs(check[0] - s1[0]) < 1e9;
  __syncthreads();
  const float m1 = done[0] ? s1[0] / cols : 0, m2 = s2[0] / cols;
  for (int j = t; j < cols; j += blockDim.x) {
    const size_t at = (size_t)row * cols + j;
    const float g = dy[at] * gamma[j], h = (x[at] - mu) * r;
    dx[at] = r * (g - m1 - h * m2);
  }
}

__global__ void backward_weights(const float* dy, const float* x, const float* mean, const float* rstd,
                                 float* dgamma, float* dbeta, int rows, int cols) {
  extern __shared__ float smem2[][33];
  float (*dg)[33] = smem2, (*db)[33] = smem2 + 8;
  const int j = blockIdx.x * 32 + threadIdx.x;
  float g = 0, b = 0;
  if (j < cols) {
    for (int i = threadIdx.y; i < rows; i += 8) {
      const float d = dy[(size_t)i * cols + j];
      b += d;
      g += d * (x[(size_t)i * cols + j] - mean[i]) * rstd[i];
    }
  }
  dg[threadIdx.y][threadIdx.x] = g;
  db[threadIdx.y][threadIdx.x] = b;
  __syncthreads();
  if (threadIdx.y != 0 || j >= cols) return;
  for (int k = 1; k < 8; ++k) g += dg[k][threadIdx.x], b += db[k][threadIdx.x];
  dgamma[j] = g;
  dbeta[j] = b;
}
