// kbench: task      gelu
// kbench: language  cpp
// kbench: dtype     f32
// kbench: baseline
// kbench: link      dnnl
// kbench: launch    onednn_gelu(x, y, int64(n))
//
// The eltwise primitive with the exact (erf) form.
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

void onednn_gelu(const float* x, float* y, int64_t n) {
  if (n == 0) return;
  const dnnl::memory::desc shape({n}, kFloat, dnnl::memory::format_tag::a);
  const dnnl::eltwise_forward::primitive_desc plan(
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::eltwise_gelu_erf, shape, 0.0f}, cpu());
  dnnl::stream stream(cpu());
  dnnl::eltwise_forward(plan).execute(
      stream, {{DNNL_ARG_SRC, wrap(shape, x)}, {DNNL_ARG_DST, wrap(shape, y)}});
  stream.wait();
}
