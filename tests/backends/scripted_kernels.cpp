#include <unistd.h>

#include <cmath>
#include <cstring>

#include "tests/backends/scripted_gpu.hpp"

namespace scripted {

Driver& driver() {
  static Driver the_driver;
  return the_driver;
}

namespace {

template <class T>
T value(void* argument) {
  T copy;
  std::memcpy(&copy, argument, sizeof copy);
  return copy;
}

float gelu_of(float v) {
  return 0.5F * v * std::erfc(-0.70710678F * v);
}

// gelu(x, y, n) followed by some misdeed.
Kernel gelu_and(std::function<Result(float* x, float* y, int n)> misdeed) {
  return {"ppi", [misdeed](const std::vector<void*>& arguments) {
            auto* x = value<float*>(arguments[0]);
            auto* y = value<float*>(arguments[1]);
            const int n = value<int>(arguments[2]);
            for (int i = 0; i < n; ++i) y[i] = gelu_of(x[i]);
            return misdeed(x, y, n);
          }};
}

Result axpy(const std::vector<void*>& arguments) {
  const auto* x = value<float*>(arguments[0]);
  auto* y = value<float*>(arguments[1]);
  const auto alpha = value<float>(arguments[2]);
  for (int i = 0, n = value<int>(arguments[3]); i < n; ++i) y[i] = alpha * x[i] + y[i];
  return gpu::kSuccess;
}

}  // namespace

std::map<std::string, Kernel>& kernels() {
  static std::map<std::string, Kernel> known = {
      {"axpy", {"ppfi", axpy}},
      {"gelu", gelu_and([](float*, float*, int) { return gpu::kSuccess; })},
      {"gelu_and_past_the_end", gelu_and([](float*, float* y, int n) {
         y[(n + 1023) / 1024 * 1024 + 3] = 1;  // in the gap behind the tensor's last page
         return gpu::kSuccess;
       })},
      {"gelu_and_next_element", gelu_and([](float*, float* y, int n) {
         y[n] = 1;
         return gpu::kSuccess;
       })},
      {"gelu_and_input", gelu_and([](float* x, float*, int n) {
         if (n > 0) x[n / 2] += 1;
         return gpu::kSuccess;
       })},
      {"gelu_and_illegal", gelu_and([](float*, float*, int) { return gpu::kIllegalAddress; })},
      {"gelu_and_assert", gelu_and([](float*, float*, int) { return gpu::kAssert; })},
      {"gelu_for_ever", gelu_and([](float*, float*, int) -> Result {
         for (;;) pause();
       })},
      {"gelu_and_long_events", gelu_and([](float*, float*, int) {
         driver().clock_ns += 3e10;
         return gpu::kSuccess;
       })},
      {"gelu_and_persisting", gelu_and([](float*, float*, int) {
         driver().persisting = true;
         return gpu::kSuccess;
       })},
      {"gelu_wrong", gelu_and([](float* x, float* y, int n) {
         for (int i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : 0;
         return gpu::kSuccess;
       })}};
  return known;
}

}  // namespace scripted
