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

// Images of n, each with c channels.
struct Tensor {
  int type = -1, n = 0, c = 0;
};

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
  const bool plain =
      *static_cast<const float*>(alpha) == 1 && *static_cast<const float*>(beta) == 0;
  if (handle->stream == nullptr || a_type != kF32 || compute != kComputeF32 || !plain ||
      a_stride < 1 || b_stride < 1 || !scripted::driver().holds(reinterpret_cast<uint64_t>(c), 4)) {
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
  *tensor = {type, n, c};
  return h == 1 && w == 1 ? 0 : kInvalidValue;
}
int cudnnSoftmaxForward(Handle* handle, int algorithm, int mode, const void* alpha,
                        const Tensor* tensor, const void* x, const void* beta, const Tensor*,
                        void* y) {
  const bool plain =
      *static_cast<const float*>(alpha) == 1 && *static_cast<const float*>(beta) == 0;
  if (handle->stream == nullptr || tensor->type != kF32 || algorithm != 1 || mode != 0 || !plain) {
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
