// A weight, which kernels may round to the type of the scales before they multiply.
template <class real>
real weight(const Args<real>& a, int64_t j, int64_t p) {
  const int64_t byte = a.w(j, p / 2);
  const int64_t q = p % 2 == 0 ? byte & 15 : byte >> 4;
  return storable(a.scales, real(double(q - 8)) * a.scales(j, p / a.group));
}

template <class real>
void c(const Args<real>& a, int64_t i) {
  for (int64_t j = 0; j < a.n; ++j) {
    real sum = 0;
    for (int64_t p = 0; p < a.k; ++p) sum += a.a(i, p) * weight(a, j, p);
    a.c(i, j) = sum;
  }
}
