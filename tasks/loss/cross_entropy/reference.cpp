template <class real>
void loss(const Args<real>& a, int64_t i) {
  real largest = a.x(i, 0);
  for (int64_t j = 1; j < a.cols; ++j) largest = max(largest, a.x(i, j));
  real sum = 0;
  for (int64_t j = 0; j < a.cols; ++j) sum += exp(a.x(i, j) - largest);
  a.loss(i) = largest + log(sum) - a.x(i, a.target(i));
}
