template <class real>
void dx(const Args<real>& a, int64_t i) {
  real largest = a.x(i, 0);
  for (int64_t j = 1; j < a.cols; ++j) largest = max(largest, a.x(i, j));
  std::vector<real> e(a.cols);
  real sum = 0;
  for (int64_t j = 0; j < a.cols; ++j) {
    e[j] = exp(a.x(i, j) - largest);
    sum += e[j];
  }
  for (int64_t j = 0; j < a.cols; ++j) {
    const real hit = a.target(i) == j ? 1 : 0;
    a.dx(i, j) = (e[j] / sum - hit) * a.dloss(i);
  }
}
