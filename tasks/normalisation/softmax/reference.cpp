template <class real>
void y(const Args<real>& a, int64_t i) {
  if (a.cols == 0) return;
  real largest = a.x(i, 0);
  for (int64_t j = 1; j < a.cols; ++j) largest = max(largest, a.x(i, j));
  std::vector<real> e(a.cols);
  real sum = 0;
  for (int64_t j = 0; j < a.cols; ++j) {
    e[j] = exp(a.x(i, j) - largest);
    sum += e[j];
  }
  for (int64_t j = 0; j < a.cols; ++j) a.y(i, j) = e[j] / sum;
}
