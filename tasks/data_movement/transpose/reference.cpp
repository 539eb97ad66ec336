template <class real>
void y(const Args<real>& a, int64_t j) {
  for (int64_t i = 0; i < a.rows; ++i) a.y(j, i) = a.x(i, j);
}
