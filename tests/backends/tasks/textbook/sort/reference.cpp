template <class real>
void sorted(const Args<real>& a, int64_t row) {
  std::vector<int64_t> found;
  for (int64_t j = 0; j < a.n; ++j) {
    const int64_t value = a.x(row, j);
    size_t place = found.size();
    while (place > 0 && found[place - 1] > value) --place;
    found.insert(found.begin() + place, value);
  }
  for (int64_t j = 0; j < a.n; ++j) a.y(row, j) = found[j];
}
