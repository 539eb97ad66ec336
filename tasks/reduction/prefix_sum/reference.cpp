// In whatever reading an element gives: int64_t for integers, so that their sums are exact.
template <class real>
void y(const Args<real>& a, int64_t i) {
  using Number = decltype(a.x(i, 0));
  Number sum = 0;
  for (int64_t j = 0; j < a.cols; ++j) {
    sum += a.x(i, j);
    a.y(i, j) = sum;
  }
}
