// One row of one filter's output.
template <class real>
void y(const Args<real>& a, int64_t slice) {
  const int64_t rows = (a.height + 2 * a.padding - a.kernel) / a.stride + 1;
  const int64_t cols = (a.width + 2 * a.padding - a.kernel) / a.stride + 1;
  const int64_t i = slice % rows, f = slice / rows % a.filters, b = slice / rows / a.filters;
  for (int64_t j = 0; j < cols; ++j) {
    const int64_t top = i * a.stride - a.padding, left = j * a.stride - a.padding;
    const int64_t first_p = max(-top, 0), last_p = min(a.kernel, a.height - top);
    const int64_t first_q = max(-left, 0), last_q = min(a.kernel, a.width - left);
    real sum = 0;
    for (int64_t c = 0; c < a.channels; ++c) {
      for (int64_t p = first_p; p < last_p; ++p) {
        for (int64_t q = first_q; q < last_q; ++q) {
          sum += a.x(b, c, top + p, left + q) * a.weight(f, c, p, q);
        }
      }
    }
    a.y(b, f, i, j) = sum;
  }
}
