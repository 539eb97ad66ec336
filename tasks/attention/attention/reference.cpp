// One query of one head.
template <class real>
void o(const Args<real>& a, int64_t slice) {
  const int64_t i = slice % a.seq, h = slice / a.seq % a.heads, b = slice / a.seq / a.heads;
  const real scale = rsqrt(real(double(a.d)));
  std::vector<real> p(i + 1);
  real largest = 0;
  for (int64_t j = 0; j <= i; ++j) {
    real score = 0;
    for (int64_t c = 0; c < a.d; ++c) score += a.q(b, h, i, c) * a.k(b, h, j, c);
    p[j] = score * scale;
    largest = j == 0 ? p[j] : max(largest, p[j]);
  }
  real sum = 0;
  for (int64_t j = 0; j <= i; ++j) {
    p[j] = exp(p[j] - largest);
    sum += p[j];
  }
  std::vector<real> mixed(a.d);
  for (int64_t j = 0; j <= i; ++j) {
    // Tensor cores multiply probabilities in the type of v.
    const real share = storable(a.v, p[j]);
    for (int64_t c = 0; c < a.d; ++c) mixed[c] += share * a.v(b, h, j, c);
  }
  for (int64_t c = 0; c < a.d; ++c) a.o(b, h, i, c) = mixed[c] / sum;
}
