template <class real>
real normal(const real& d) {
  return real(0.5) * (real(1) + erf(d * real(0.70710678118654752)));
}

template <class real>
void values(const Args<real>& a, int64_t i) {
  const real s = a.price(i), k = a.strike(i), t = a.years(i);
  const real spread = a.volatility * sqrt(t);
  const real d1 = (log(s / k) + (a.rate + real(0.5) * a.volatility * a.volatility) * t) / spread;
  const real d2 = d1 - spread;
  const real later = k * exp(-(a.rate * t));
  a.call(i) = s * normal(d1) - later * normal(d2);
  a.put(i) = later * (real(1) - normal(d2)) - s * (real(1) - normal(d1));
}
