// The grid-stride loop.
// kbench: task     axpy
// kbench: language cuda
// kbench: launch   saxpy<<<32, 128>>>(n, alpha, x, y)
__global__ void saxpy(int n, float a, const float* x, float* y) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    y[i] = a * x[i] + y[i];
  }
}
