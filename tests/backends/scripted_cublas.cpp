// A libcublas for tests: its products are work in the scripted driver's stream, a kernel each.

#include <chrono>
#include <cstdint>

#include "tests/backends/scripted_gpu.hpp"

namespace {

constexpr int kF32 = 0, kComputeF32 = 68, kInvalidValue = 7;
constexpr int64_t kProductNs = 20'000;

struct Handle {
  void* stream = nullptr;
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
  scripted::driver().put([=] {
    const auto begin = std::chrono::steady_clock::now();
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
    scripted::driver().clock_ns += kProductNs;
    // The host's clock must not contradict the events'.
    while (std::chrono::steady_clock::now() - begin < std::chrono::nanoseconds(kProductNs)) {
    }
    return kbench::gpu::kSuccess;
  });
  return 0;
}

}  // extern "C"
