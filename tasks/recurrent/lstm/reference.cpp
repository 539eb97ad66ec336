template <class real>
real sigmoid(real x) {
  return real(1) / (real(1) + exp(-x));
}

// One sequence of the batch.
template <class real>
void sequence(const Args<real>& a, int64_t b) {
  std::vector<real> h(a.hidden), c(a.hidden), gates(4 * a.hidden);
  for (int64_t t = 0; t < a.time; ++t) {
    for (int64_t r = 0; r < 4 * a.hidden; ++r) {
      real sum = a.bias(r);
      for (int64_t p = 0; p < a.input; ++p) sum += a.w_in(r, p) * a.x(b, t, p);
      for (int64_t p = 0; p < a.hidden; ++p) sum += a.w_hidden(r, p) * h[p];
      gates[r] = sum;
    }
    for (int64_t u = 0; u < a.hidden; ++u) {
      const real i = sigmoid(gates[u]), f = sigmoid(gates[a.hidden + u]);
      const real g = tanh(gates[2 * a.hidden + u]), o = sigmoid(gates[3 * a.hidden + u]);
      c[u] = f * c[u] + i * g;
      // Kernels hand h on to the next step through y.
      h[u] = storable(a.w_hidden, o * tanh(c[u]));
      a.y(b, t, u) = h[u];
    }
  }
  for (int64_t u = 0; u < a.hidden; ++u) a.c(b, u) = c[u];
}
