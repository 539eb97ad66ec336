// kbench: task      layer_norm
// kbench: language  cpp
// kbench: dtype     f32
// kbench: baseline
// kbench: link      dnnl
// kbench: launch    onednn_layer_norm(x, gamma, beta, y, rows, cols, eps)
//
// Mean and variance are computed inside and not kept, as in inference without global statistics.
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

void onednn_layer_norm(const float* x, const float* gamma, const float* beta, float* y, int rows, int cols,
                       float eps) {
  if (rows == 0) return;
  using flags = dnnl::normalization_flags;
  const dnnl::memory::desc shape({rows, cols}, kFloat, dnnl::memory::format_tag::ab);
  const dnnl::memory::desc weights({cols}, kFloat, dnnl::memory::format_tag::a);
  const dnnl::layer_normalization_forward::primitive_desc plan(
      {dnnl::prop_kind::forward_inference, shape, eps, flags::use_scale | flags::use_shift}, cpu());
  dnnl::stream stream(cpu());
  dnnl::layer_normalization_forward(plan).execute(stream, {{DNNL_ARG_SRC, wrap(shape, x)},
                                                           {DNNL_ARG_SCALE, wrap(weights, gamma)},
                                                           {DNNL_ARG_SHIFT, wrap(weights, beta)},
                                                           {DNNL_ARG_DST, wrap(shape, y)}});
  stream.wait();
}
