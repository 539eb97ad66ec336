template <class real>
void y(const Args<real>& a, int64_t) {
  std::vector<int64_t> counts(a.bins);
  for (int64_t i = 0; i < a.n; ++i) ++counts[a.x(i)];
  for (int64_t b = 0; b < a.bins; ++b) a.y(b) = counts[b];
}
