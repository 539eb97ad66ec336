// exp(-i * angle) for 0 <= angle < 2 pi by its series around the nearest multiple of pi / 2.
inline void unit(double angle, double& real_part, double& imaginary_part) {
  const double quarter = 1.57079632679489661923;
  const int64_t turns = int64_t(angle / quarter + 0.5);
  const double x = angle - double(turns) * quarter;
  double cosine = 1, sine = x, c = 1, s = x;
  for (int n = 1; n < 12; ++n) {
    c *= -x * x / ((2 * n - 1) * (2 * n));
    s *= -x * x / ((2 * n) * (2 * n + 1));
    cosine += c;
    sine += s;
  }
  const double by_turn[4][2] = {{cosine, -sine}, {-sine, -cosine}, {-cosine, sine}, {sine, cosine}};
  real_part = by_turn[turns % 4][0];
  imaginary_part = by_turn[turns % 4][1];
}

template <class real>
void transform(const Args<real>& a, int64_t row) {
  const int64_t n = int64_t(1) << a.log_n;
  for (int64_t f = 0; f < n; ++f) {
    real re = 0, im = 0;
    for (int64_t t = 0; t < n; ++t) {
      double c = 0, s = 0;
      unit(6.28318530717958647692 * double(f * t % n) / double(n), c, s);
      re += a.re(row, t) * real(c) - a.im(row, t) * real(s);
      im += a.re(row, t) * real(s) + a.im(row, t) * real(c);
    }
    a.out_re(row, f) = re;
    a.out_im(row, f) = im;
  }
}
