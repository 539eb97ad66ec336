template <class real>
void y(const Args<real>& a, int64_t i) {
  int64_t best = 0;
  for (int64_t j = 1; j < a.cols; ++j) {
    if (a.x(i, j) > a.x(i, best)) best = j;
  }
  a.y(i) = best;
}
