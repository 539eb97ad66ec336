template <class real>
void y(const Args<real>& a, int64_t i) {
  const real x = a.x(i);
  const real root_half = 0.70710678118654752;
  a.y(i) = real(0.5) * x * (real(1) + erf(x * root_half));
}
