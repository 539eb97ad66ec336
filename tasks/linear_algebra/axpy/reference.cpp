template <class real>
void y(const Args<real>& a, int64_t i) {
  a.y(i) = a.alpha * a.x(i) + a.y(i);
}
