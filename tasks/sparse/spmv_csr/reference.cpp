template <class real>
void y(const Args<real>& a, int64_t i) {
  real sum = 0;
  for (int64_t p = a.row_ptr(i); p < a.row_ptr(i + 1); ++p) sum += a.val(p) * a.x(a.col(p));
  a.y(i) = sum;
}
