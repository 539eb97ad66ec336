// The double buffer reads the half that it writes.
// kbench: task     prefix_sum
// kbench: language cuda
// kbench: param    DEFECT *0 1
// kbench: launch   scan<<<rows, 128>>>(x, y, cols)
__global__ void scan(const x_t* x, y_t* y, int cols) {
  __shared__ float s[2][128];
  __shared__ float carry;
  const int t = threadIdx.x;
  if (t == 0) carry = 0;
  for (int base = 0; base < cols; base += 128) {
    int in = 0;
    s[in][t] = base + t < cols ? float(x[(size_t)blockIdx.x * cols + base + t]) : 0.f;
    __syncthreads();
    for (int d = 1; d < 128; d *= 2) {
      const int out = DEFECT ? in : in ^ 1;
      s[out][t] = t >= d ? s[in][t] + s[in][t - d] : s[in][t];  // caught: race
      in = out;
      __syncthreads();
    }
    if (base + t < cols) y[(size_t)blockIdx.x * cols + base + t] = y_t(carry + s[in][t]);
    __syncthreads();
    if (t == 127) carry += s[in][t];
    __syncthreads();
  }
}
