// Keeps the k largest so far in order; of equal numbers the first one found stays in front.
template <class real>
void largest(const Args<real>& a, int64_t i) {
  std::vector<int64_t> best;
  for (int64_t j = 0; j < a.cols; ++j) {
    const bool full = int64_t(best.size()) == a.k;
    if (full && !(a.x(i, j) > a.x(i, best.back()))) continue;
    if (full) best.pop_back();
    size_t place = best.size();
    while (place > 0 && a.x(i, j) > a.x(i, best[place - 1])) --place;
    best.insert(best.begin() + place, j);
  }
  for (int64_t j = 0; j < a.k; ++j) {
    a.indices(i, j) = best[j];
    a.values(i, j) = a.x(i, best[j]);
  }
}
