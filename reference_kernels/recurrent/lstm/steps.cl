// One launch a time step, one item a unit of a sequence: its four gates, then its state. A step
// reads the one before from y.
//
// kbench: task     lstm
// kbench: language opencl
// kbench: param    BLOCK 8 *32 64
// kbench: zero     c
// kbench: repeat   t time
// kbench: launch   lstm_step<<<(ceil_div(hidden, BLOCK), batch), BLOCK>>>(x, w_in, w_hidden, bias, y, c, t, time, input, hidden)
// kbench: end
#include <kbench.h>

static float sigmoid(float x) {
  return 1.0f / (1.0f + exp(-x));
}

__kernel void lstm_step(__global const x_t* restrict x, __global const w_in_t* restrict w_in,
                   __global const w_hidden_t* restrict w_hidden,
                   __global const bias_t* restrict bias, __global y_t* y, __global float* c, int t,
                   int time, int input, int hidden) {
  const int u = get_global_id(0), b = get_global_id(1);
  if (u >= hidden) return;
  __global const x_t* now = x + ((long)b * time + t) * input;
  __global y_t* out = y + ((long)b * time + t) * hidden;
  float gates[4];
  for (int g = 0; g < 4; ++g) {
    const int row = g * hidden + u;
    float sum = number_of(bias_t, bias[row]);
    for (int p = 0; p < input; ++p) {
      sum += number_of(w_in_t, w_in[(long)row * input + p]) * number_of(x_t, now[p]);
    }
    for (int p = 0; t > 0 && p < hidden; ++p) {
      sum += number_of(w_hidden_t, w_hidden[(long)row * hidden + p]) *
             number_of(y_t, out[p - hidden]);
    }
    gates[g] = sum;
  }
  const long at = (long)b * hidden + u;
  const float state = sigmoid(gates[1]) * c[at] + sigmoid(gates[0]) * tanh(gates[2]);
  c[at] = state;
  out[u] = stored_as(y_t, sigmoid(gates[3]) * tanh(state));
}
