template <class real>
void y(const Args<real>& a, int64_t i) {
  real squares = 0;
  for (int64_t j = 0; j < a.cols; ++j) {
    const real x = a.x(i, j);
    squares += x * x;
  }
  const real scale = rsqrt(squares / real(double(a.cols)) + a.eps);
  for (int64_t j = 0; j < a.cols; ++j) a.y(i, j) = a.x(i, j) * scale * a.gamma(j);
}
