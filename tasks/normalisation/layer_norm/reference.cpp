template <class real>
void y(const Args<real>& a, int64_t i) {
  const real count = real(double(a.cols));
  real sum = 0;
  for (int64_t j = 0; j < a.cols; ++j) sum += a.x(i, j);
  const real mean = sum / count;
  real squares = 0;
  for (int64_t j = 0; j < a.cols; ++j) {
    const real centred = a.x(i, j) - mean;
    squares += centred * centred;
  }
  const real scale = rsqrt(squares / count + a.eps);
  for (int64_t j = 0; j < a.cols; ++j) {
    a.y(i, j) = (a.x(i, j) - mean) * scale * a.gamma(j) + a.beta(j);
  }
}
