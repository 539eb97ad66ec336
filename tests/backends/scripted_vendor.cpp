// A libcublas and a libcudnn for tests: what they do is work in the scripted driver's stream, a
// kernel each.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "tests/backends/scripted_gpu.hpp"

namespace {

constexpr int kF32 = 0, kComputeF32 = 68, kInvalidValue = 7;
constexpr int64_t kCallNs = 20'000;

struct Handle {
  void* stream = nullptr;
};

// The host's clock must not contradict the events'.
template <class Work>
void put(Work work) {
  scripted::driver().put([work] {
    const auto begin = std::chrono::steady_clock::now();
    work();
    scripted::driver().clock_ns += kCallNs;
    while (std::chrono::steady_clock::now() - begin < std::chrono::nanoseconds(kCallNs)) {
    }
    return kbench::gpu::kSuccess;
  });
}

// Images of n, each with c channels; filters too.
struct Tensor {
  int type = -1, n = 0, c = 0, h = 0, w = 0;
};
struct Convolution {
  int padding = 0, stride = 0, math = 0;
};

// cudnnConvolutionFwdAlgoPerf_t
struct Algorithm {
  int number, status;
  float ms;
  size_t space;
  int determinism, math, reserved[3];
};
constexpr int kPrecomputed = 1, kWinograd = 6, kPlainFma = 3;

bool plain(const void* alpha, const void* beta) {
  return *static_cast<const float*>(alpha) == 1 && *static_cast<const float*>(beta) == 0;
}

}  // namespace

extern "C" {

int cublasCreate_v2(Handle** handle) {
  *handle = new Handle;
  return scripted::driver().state();
}
int cublasSetStream_v2(Handle* handle, void* stream) {
  handle->stream = stream;
  return 0;
}
// By columns, as the real one; f32 only, and on the stream that it was given.
int cublasGemmEx(Handle* handle, int, int, int m, int n, int k, const void* alpha, const void* a,
                 int a_type, int a_stride, const void* b, int, int b_stride, const void* beta,
                 void* c, int, int c_stride, int compute, int) {
  if (handle->stream == nullptr || a_type != kF32 || compute != kComputeF32 ||
      !plain(alpha, beta) || a_stride < 1 || b_stride < 1 ||
      !scripted::driver().holds(reinterpret_cast<uint64_t>(c), 4)) {
    return kInvalidValue;
  }
  put([=] {
    for (int64_t column = 0; column < n; ++column) {
      for (int64_t row = 0; row < m; ++row) {
        float sum = 0;
        for (int64_t i = 0; i < k; ++i) {
          sum += static_cast<const float*>(a)[row + i * a_stride] *
                 static_cast<const float*>(b)[i + column * b_stride];
        }
        static_cast<float*>(c)[row + column * c_stride] = sum;
      }
    }
  });
  return 0;
}

int cudnnCreate(Handle** handle) {
  return cublasCreate_v2(handle);
}
int cudnnSetStream(Handle* handle, void* stream) {
  return cublasSetStream_v2(handle, stream);
}
int cudnnCreateTensorDescriptor(Tensor** tensor) {
  *tensor = new Tensor;
  return 0;
}
int cudnnSetTensor4dDescriptor(Tensor* tensor, int, int type, int n, int c, int h, int w) {
  *tensor = {type, n, c, h, w};
  return 0;
}
int cudnnCreateFilterDescriptor(Tensor** filter) {
  return cudnnCreateTensorDescriptor(filter);
}
int cudnnSetFilter4dDescriptor(Tensor* filter, int type, int, int k, int c, int h, int w) {
  *filter = {type, k, c, h, w};
  return 0;
}
int cudnnCreateConvolutionDescriptor(Convolution** convolution) {
  *convolution = new Convolution;
  return 0;
}
int cudnnSetConvolution2dDescriptor(Convolution* convolution, int padding, int, int stride, int,
                                    int dilation, int, int mode, int compute) {
  *convolution = {padding, stride, 0};
  return dilation == 1 && mode == 1 && compute == kF32 ? 0 : kInvalidValue;
}
int cudnnSetConvolutionMathType(Convolution* convolution, int math) {
  convolution->math = math;
  return 0;
}
// The fastest wants more space than anyone has.
int cudnnGetConvolutionForwardAlgorithm_v7(Handle*, const Tensor*, const Tensor*,
                                           const Convolution*, const Tensor*, int asked, int* told,
                                           Algorithm* answers) {
  if (asked < 2) return kInvalidValue;
  answers[0] = {kWinograd, 0, 1, size_t{1} << 40, 0, kPlainFma, {}};
  answers[1] = {kPrecomputed, 0, 2, 4096, 0, kPlainFma, {}};
  *told = 2;
  return 0;
}
int cudnnConvolutionForward(Handle* handle, const void* alpha, const Tensor* x, const void* pixels,
                            const Tensor* weight, const void* weights, const Convolution* how,
                            int algorithm, void* space, size_t bytes, const void* beta,
                            const Tensor* y, void* sums) {
  if (handle->stream == nullptr || x->type != kF32 || how->math != kPlainFma ||
      algorithm != kPrecomputed || bytes < 4096 || !plain(alpha, beta) ||
      !scripted::driver().holds(reinterpret_cast<uint64_t>(space), bytes)) {
    return kInvalidValue;
  }
  put([x = *x, weight = *weight, how = *how, y = *y, pixels, weights, sums] {
    const auto* from = static_cast<const float*>(pixels);
    const auto* taps = static_cast<const float*>(weights);
    auto* to = static_cast<float*>(sums);
    for (int64_t at = 0; at < int64_t{y.n} * y.c * y.h * y.w; ++at) {
      const int64_t image = at / y.w / y.h / y.c, filter = at / y.w / y.h % y.c;
      const int64_t top = at / y.w % y.h * how.stride - how.padding;
      const int64_t left = at % y.w * how.stride - how.padding;
      double sum = 0;
      for (int64_t tap = 0; tap < int64_t{x.c} * weight.h * weight.w; ++tap) {
        const int64_t channel = tap / weight.w / weight.h;
        const int64_t row = top + tap / weight.w % weight.h, column = left + tap % weight.w;
        if (row < 0 || row >= x.h || column < 0 || column >= x.w) continue;
        sum += double{from[((image * x.c + channel) * x.h + row) * x.w + column]} *
               double{taps[filter * x.c * weight.h * weight.w + tap]};
      }
      to[at] = static_cast<float>(sum);
    }
  });
  return 0;
}
int cudnnSoftmaxForward(Handle* handle, int algorithm, int mode, const void* alpha,
                        const Tensor* tensor, const void* x, const void* beta, const Tensor*,
                        void* y) {
  if (handle->stream == nullptr || tensor->type != kF32 || algorithm != 1 || mode != 0 ||
      !plain(alpha, beta) || tensor->h != 1 || tensor->w != 1) {
    return kInvalidValue;
  }
  put([shape = *tensor, x, y] {
    for (int64_t row = 0; row < shape.n; ++row) {
      const auto* from = static_cast<const float*>(x) + row * shape.c;
      auto* to = static_cast<float*>(y) + row * shape.c;
      const float largest = *std::max_element(from, from + shape.c);
      double sum = 0;
      for (int64_t i = 0; i < shape.c; ++i) sum += std::exp(double{from[i]} - largest);
      for (int64_t i = 0; i < shape.c; ++i) {
        to[i] = static_cast<float>(std::exp(double{from[i]} - largest) / sum);
      }
    }
  });
  return 0;
}

}  // extern "C"
