// kbench: task     conv2d
// kbench: language host-cuda
// kbench: dtype    f32 f16 bf16
// kbench: baseline
// kbench: param    TRANSFORMS *0 1
// kbench: buffer   space i8[16 * (16384 + batch * channels * height * width + filters * channels * kernel * kernel + batch * filters * ((height + 2 * padding - kernel) / stride + 1) * ((width + 2 * padding - kernel) / stride + 1))]
// kbench: launch   cudnn_convolution(x, weight, y, space, batch, channels, height, width, filters, kernel, stride, padding)
//
// Of the algorithms whose workspace fits, the one that cuDNN expects to be fastest. With TRANSFORMS
// also those by Winograd's and Fourier's, which round otherwise than sums of products: in f32 the
// task's bounds refuse Winograd's, and TF32. Opened at run time, since no toolkit need be where
// kbench is built; declared as cudnn_ops.h and cudnn_cnn.h have it.
#include <dlfcn.h>
#include <kbench.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace {

using Handle = void*;
using Description = void*;  // of a tensor, a filter or a convolution
constexpr int kChannelsFirst = 0, kF32 = 0, kCrossCorrelation = 1;
constexpr int kTensorCores = 1, kPlainFma = 3;
constexpr int kDirectSums = 3;  // the first algorithms: matrix products in three ways, and direct

template <class T>
constexpr int kTypeOf = kF32;  // CUDNN_DATA_FLOAT
template <>
constexpr int kTypeOf<f16> = 2;
template <>
constexpr int kTypeOf<bf16> = 9;

struct Algorithm {  // cudnnConvolutionFwdAlgoPerf_t, the fastest first
  int number, status;
  float expected_ms;
  size_t space;
  int determinism, math, reserved[3];
};
constexpr int kMostAlgorithms = 16;

struct Cudnn {
  Handle handle = nullptr;
  Description x = nullptr, y = nullptr, weight = nullptr, how = nullptr;
  int (*tensor)(Description, int format, int type, int n, int c, int h, int w) = nullptr;
  int (*filter)(Description, int type, int format, int k, int c, int h, int w) = nullptr;
  int (*convolution)(Description, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h,
                     int dilation_w, int mode, int compute) = nullptr;
  int (*math)(Description, int) = nullptr;
  int (*algorithms)(Handle, Description x, Description weight, Description how, Description y,
                    int asked, int* told, Algorithm*) = nullptr;
  int (*convolve)(Handle, const void* alpha, Description, const void* x, Description,
                  const void* weight, Description how, int algorithm, void* space, size_t bytes,
                  const void* beta, Description, void* y) = nullptr;

  // What follows is known of these dims.
  std::array<int, 8> dims = {};
  Algorithm chosen = {};
};

bool well(const char* what, int status) {
  if (status != 0) {
    std::snprintf(kbench_failure, sizeof kbench_failure, "%s: status %d", what, status);
  }
  return status == 0;
}

Cudnn open_cudnn() {
  Cudnn opened;
  const char* given = std::getenv("KBENCH_CUDNN");
  void* library = dlopen(given != nullptr ? given : "libcudnn.so.9", RTLD_NOW);
  if (library == nullptr) {
    std::snprintf(kbench_failure, sizeof kbench_failure, "no cuDNN: %s", dlerror());
    return opened;
  }
  auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    return well(name, function == nullptr ? -1 : 0);
  };
  int (*create)(Handle*) = nullptr;
  int (*use)(Handle, void*) = nullptr;
  int (*new_tensor)(Description*) = nullptr;
  int (*new_filter)(Description*) = nullptr;
  int (*new_convolution)(Description*) = nullptr;
  if (!find(create, "cudnnCreate") || !find(use, "cudnnSetStream") ||
      !find(new_tensor, "cudnnCreateTensorDescriptor") ||
      !find(new_filter, "cudnnCreateFilterDescriptor") ||
      !find(new_convolution, "cudnnCreateConvolutionDescriptor") ||
      !find(opened.tensor, "cudnnSetTensor4dDescriptor") ||
      !find(opened.filter, "cudnnSetFilter4dDescriptor") ||
      !find(opened.convolution, "cudnnSetConvolution2dDescriptor") ||
      !find(opened.math, "cudnnSetConvolutionMathType") ||
      !find(opened.algorithms, "cudnnGetConvolutionForwardAlgorithm_v7") ||
      !find(opened.convolve, "cudnnConvolutionForward")) {
    return opened;
  }
  if (well("cudnnCreate", create(&opened.handle)) &&
      well("cudnnSetStream", use(opened.handle, kbench_stream)) &&
      well("a tensor of cuDNN", new_tensor(&opened.x) + new_tensor(&opened.y)) &&
      well("a filter of cuDNN", new_filter(&opened.weight))) {
    well("a convolution of cuDNN", new_convolution(&opened.how));
  }
  return opened;
}

// Describes the tensors and chooses; false where something was refused.
bool describe(Cudnn& cudnn, const std::array<int, 8>& dims, size_t bytes) {
  const auto [batch, channels, height, width, filters, kernel, stride, padding] = dims;
  const int rows = (height + 2 * padding - kernel) / stride + 1;
  const int cols = (width + 2 * padding - kernel) / stride + 1;
  const int math = kTypeOf<x_t> == kF32 ? kPlainFma : kTensorCores;
  if (!well("describing x",
            cudnn.tensor(cudnn.x, kChannelsFirst, kTypeOf<x_t>, batch, channels, height, width)) ||
      !well("describing y",
            cudnn.tensor(cudnn.y, kChannelsFirst, kTypeOf<y_t>, batch, filters, rows, cols)) ||
      !well("describing weight", cudnn.filter(cudnn.weight, kTypeOf<weight_t>, kChannelsFirst,
                                              filters, channels, kernel, kernel)) ||
      !well("describing the convolution",
            cudnn.convolution(cudnn.how, padding, padding, stride, stride, 1, 1, kCrossCorrelation,
                              kF32)) ||
      !well("cudnnSetConvolutionMathType", cudnn.math(cudnn.how, math))) {
    return false;
  }
  std::array<Algorithm, kMostAlgorithms> all;
  int told = 0;
  if (!well("cudnnGetConvolutionForwardAlgorithm_v7",
            cudnn.algorithms(cudnn.handle, cudnn.x, cudnn.weight, cudnn.how, cudnn.y,
                             kMostAlgorithms, &told, all.data()))) {
    return false;
  }
  for (int i = 0; i < told; ++i) {
    if (all[i].status != 0 || all[i].space > bytes ||
        (math == kPlainFma && all[i].math == kTensorCores) ||
        (TRANSFORMS == 0 && all[i].number > kDirectSums)) {
      continue;
    }
    cudnn.chosen = all[i];
    cudnn.dims = dims;
    return math == kPlainFma ||
           well("cudnnSetConvolutionMathType", cudnn.math(cudnn.how, all[i].math));
  }
  return well("no algorithm of cuDNN serves", -1);
}

}  // namespace

void cudnn_convolution(const x_t* x, const weight_t* weight, y_t* y, int8_t* space, int batch,
                       int channels, int height, int width, int filters, int kernel, int stride,
                       int padding) {
  static Cudnn cudnn = open_cudnn();
  if (kbench_failure[0] != '\0') return;
  const int rows = (height + 2 * padding - kernel) / stride + 1;
  const int cols = (width + 2 * padding - kernel) / stride + 1;
  const size_t bytes =
      16 * (16384 + size_t(batch) * channels * height * width +
            size_t(filters) * channels * kernel * kernel + size_t(batch) * filters * rows * cols);
  const std::array<int, 8> dims = {batch,   channels, height, width,
                                   filters, kernel,   stride, padding};
  if (dims != cudnn.dims && !describe(cudnn, dims, bytes)) return;
  const float one = 1, zero = 0;
  well("cudnnConvolutionForward",
       cudnn.convolve(cudnn.handle, &one, cudnn.x, x, cudnn.weight, weight, cudnn.how,
                      cudnn.chosen.number, space, bytes, &zero, cudnn.y, y));
}
