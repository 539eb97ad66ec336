template <class real>
void step(const Args<real>& a, int64_t i) {
  const real g = a.g(i);
  const real m = a.beta1 * a.m(i) + (real(1) - a.beta1) * g;
  const real v = a.beta2 * a.v(i) + (real(1) - a.beta2) * g * g;
  const real move = a.lr * (m / a.correction1) / (sqrt(v / a.correction2) + a.eps);
  a.p(i) = a.p(i) - move;
  a.m(i) = m;
  a.v(i) = v;
}
