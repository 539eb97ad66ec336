// One launch a time step, one thread a unit of a sequence: its four gates, then its state. A step
// reads the one before from y.
//
// kbench: task     lstm
// kbench: language cuda hip
// kbench: param    BLOCK 32 *64 128
// kbench: zero     c
// kbench: repeat   t time
// kbench: launch   step<<<(ceil_div(hidden, BLOCK), batch), BLOCK>>>(x, w_in, w_hidden, bias, y, c, t, time, input, hidden)
// kbench: end
#include <kbench.h>

__device__ float sigmoid(float x) {
  return 1.0f / (1.0f + expf(-x));
}

__global__ void step(const x_t* __restrict__ x, const w_in_t* __restrict__ w_in,
                     const w_hidden_t* __restrict__ w_hidden, const bias_t* __restrict__ bias,
                     y_t* y, float* __restrict__ c, int t, int time, int input, int hidden) {
  const int u = blockIdx.x * blockDim.x + threadIdx.x, b = blockIdx.y;
  if (u >= hidden) return;
  const x_t* now = x + (int64_t(b) * time + t) * input;
  y_t* out = y + (int64_t(b) * time + t) * hidden;
  float gates[4];
  for (int g = 0; g < 4; ++g) {
    const int row = g * hidden + u;
    float sum = float(bias[row]);
    for (int p = 0; p < input; ++p) sum += float(w_in[int64_t(row) * input + p]) * float(now[p]);
    if (t > 0) {
      for (int p = 0; p < hidden; ++p) {
        sum += float(w_hidden[int64_t(row) * hidden + p]) * float(out[p - hidden]);
      }
    }
    gates[g] = sum;
  }
  const int64_t at = int64_t(b) * hidden + u;
  const float state = sigmoid(gates[1]) * c[at] + sigmoid(gates[0]) * tanhf(gates[2]);
  c[at] = state;
  out[u] = y_t(sigmoid(gates[3]) * tanhf(state));
}
