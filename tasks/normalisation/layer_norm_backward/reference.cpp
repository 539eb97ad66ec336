template <class real>
real standardised(const Args<real>& a, int64_t i, int64_t j) {
  return (a.x(i, j) - a.mean(i)) * a.rstd(i);
}

template <class real>
void dx(const Args<real>& a, int64_t i) {
  const real count = real(double(a.cols));
  real sum = 0, aligned = 0;
  for (int64_t j = 0; j < a.cols; ++j) {
    const real g = a.dy(i, j) * a.gamma(j);
    sum += g;
    aligned += g * standardised(a, i, j);
  }
  const real mean_g = sum / count, mean_aligned = aligned / count;
  for (int64_t j = 0; j < a.cols; ++j) {
    const real g = a.dy(i, j) * a.gamma(j);
    a.dx(i, j) = a.rstd(i) * (g - mean_g - standardised(a, i, j) * mean_aligned);
  }
}

template <class real>
void dweights(const Args<real>& a, int64_t j) {
  real dgamma = 0, dbeta = 0;
  for (int64_t i = 0; i < a.rows; ++i) {
    dgamma += a.dy(i, j) * standardised(a, i, j);
    dbeta += a.dy(i, j);
  }
  a.dgamma(j) = dgamma;
  a.dbeta(j) = dbeta;
}
