// kbench: task      matmul
// kbench: language  cpp
// kbench: dtype     f32
// kbench: baseline
// kbench: link      dnnl
// kbench: launch    onednn_matmul(a, b, c, m, n, k)
//
// Row-major in, row-major out, no bias.
#include <kbench.h>

#include <dnnl.hpp>

namespace {

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::memory wrap(const dnnl::memory::desc& shape, const float* data) {
  return dnnl::memory(shape, cpu(), const_cast<float*>(data));
}

constexpr auto kFloat = dnnl::memory::data_type::f32;

}  // namespace

void onednn_matmul(const float* a, const float* b, float* c, int m, int n, int k) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    std::fill(c, c + static_cast<int64_t>(m) * n, 0.0f);
    return;
  }
  const auto rows = dnnl::memory::format_tag::ab;
  const dnnl::memory::desc left({m, k}, kFloat, rows), right({k, n}, kFloat, rows), out({m, n}, kFloat, rows);
  const dnnl::matmul::primitive_desc plan({left, right, out}, cpu());
  dnnl::stream stream(cpu());
  dnnl::matmul(plan).execute(stream, {{DNNL_ARG_SRC, wrap(left, a)},
                                      {DNNL_ARG_WEIGHTS, wrap(right, b)},
                                      {DNNL_ARG_DST, wrap(out, c)}});
  stream.wait();
}
