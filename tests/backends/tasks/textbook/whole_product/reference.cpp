// One row of c at a time, over all of its columns at once, so that b is read in the order it lies
// in.
template <class real>
void c(const Args<real>& a, int64_t i) {
  std::vector<real> sum(a.n);
  for (int64_t p = 0; p < a.k; ++p) {
    const real left = a.a(i, p);
    for (int64_t j = 0; j < a.n; ++j) sum[j] += left * a.b(p, j);
  }
  for (int64_t j = 0; j < a.n; ++j) a.c(i, j) = sum[j];
}
