// kbench: task      conv2d
// kbench: language  cpp
// kbench: dtype     f32
// kbench: baseline
// kbench: link      dnnl
// kbench: launch    onednn_conv2d(x, weight, y, batch, channels, height, width, filters, kernel, stride, padding)
//
// Plain NCHW layouts on both sides: what the task hands over, not what oneDNN likes best.
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

void onednn_conv2d(const float* x, const float* weight, float* y, int batch, int channels, int height,
                   int width, int filters, int kernel, int stride, int padding) {
  const int64_t out_height = (height + 2 * padding - kernel) / stride + 1;
  const int64_t out_width = (width + 2 * padding - kernel) / stride + 1;
  if (batch == 0 || filters == 0) return;
  using tag = dnnl::memory::format_tag;
  const dnnl::memory::desc in({batch, channels, height, width}, kFloat, tag::nchw);
  const dnnl::memory::desc weights({filters, channels, kernel, kernel}, kFloat, tag::oihw);
  const dnnl::memory::desc out({batch, filters, out_height, out_width}, kFloat, tag::nchw);
  const dnnl::convolution_forward::primitive_desc plan(
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, in, weights, out,
       {stride, stride}, {padding, padding}, {padding, padding}},
      cpu());
  dnnl::stream stream(cpu());
  dnnl::convolution_forward(plan).execute(stream, {{DNNL_ARG_SRC, wrap(in, x)},
                                                   {DNNL_ARG_WEIGHTS, wrap(weights, weight)},
                                                   {DNNL_ARG_DST, wrap(out, y)}});
  stream.wait();
}
