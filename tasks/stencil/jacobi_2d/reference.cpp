template <class real>
void y(const Args<real>& a, int64_t) {
  std::vector<real> now(a.rows * a.cols);
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.cols; ++j) now[i * a.cols + j] = a.x(i, j);
  }
  std::vector<real> next = now;
  for (int64_t t = 0; t < a.steps; ++t) {
    for (int64_t i = 1; i + 1 < a.rows; ++i) {
      const real* above = &now[(i - 1) * a.cols];
      const real* here = &now[i * a.cols];
      const real* below = &now[(i + 1) * a.cols];
      for (int64_t j = 1; j + 1 < a.cols; ++j) {
        next[i * a.cols + j] = real(0.25) * (above[j] + below[j] + here[j - 1] + here[j + 1]);
      }
    }
    now.swap(next);
  }
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.cols; ++j) a.y(i, j) = now[i * a.cols + j];
  }
}
