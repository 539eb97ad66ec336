// kbench: task      jacobi_2d
// kbench: language  cpp
// kbench: dtype     f32
// kbench: param     STEPS     1 2 4 *8 16
// kbench: buffer    spare f32[rows, cols]
// kbench: flags     -O3 | -O3 -mprefer-vector-width=512 | -O2 -ftree-vectorize
// kbench: launch    jacobi_2d(x, y, spare, rows, cols, steps)
//
// Time skewing (Wonnacott, 2000): STEPS steps advance together, step t two rows behind step t - 1, so
// that a row is loaded from memory once for all of them. Even steps live in one grid, odd steps in the
// other; two rows of distance keep a step from overwriting what the one behind it still needs.
#include <kbench.h>

namespace {

// Row i of `to` from `from`; the border keeps its values.
void relax(const float* __restrict from, float* __restrict to, int i, int rows, int cols) {
  const float* here = from + static_cast<int64_t>(i) * cols;
  float* out = to + static_cast<int64_t>(i) * cols;
  if (i == 0 || i == rows - 1 || cols < 3) {
    for (int j = 0; j < cols; ++j) out[j] = here[j];
    return;
  }
  const float* above = here - cols;
  const float* below = here + cols;
  out[0] = here[0];
  for (int j = 1; j < cols - 1; ++j)
    out[j] = 0.25f * (above[j] + below[j] + here[j - 1] + here[j + 1]);
  out[cols - 1] = here[cols - 1];
}

}  // namespace

void jacobi_2d(const float* x, float* y, float* spare, int rows, int cols, int steps) {
  if (steps == 0) std::copy(x, x + static_cast<int64_t>(rows) * cols, y);
  // The last step must write y.
  float* grids[2] = {steps % 2 == 0 ? y : spare, steps % 2 == 0 ? spare : y};
  for (int done = 0; done < steps; done += STEPS) {
    const int count = std::min(STEPS, steps - done);
    for (int front = 0; front < rows + 2 * (count - 1); ++front)
      for (int t = 0; t < count; ++t) {
        const int i = front - 2 * t;
        if (i < 0 || i >= rows) continue;
        const int step = done + t;
        relax(step == 0 ? x : grids[step % 2], grids[(step + 1) % 2], i, rows, cols);
      }
  }
}
