template <class real>
void y(const Args<real>& a, int64_t i) {
  for (int64_t j = 0; j < a.cols; ++j) a.y(i, j) = a.table(a.index(i), j);
}
