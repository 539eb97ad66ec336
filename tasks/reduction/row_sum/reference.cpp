template <class real>
void y(const Args<real>& a, int64_t i) {
  real sum = 0;
  for (int64_t j = 0; j < a.cols; ++j) sum += a.x(i, j);
  a.y(i) = sum;
}
