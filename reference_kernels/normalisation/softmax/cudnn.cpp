// kbench: task     softmax
// kbench: language host-cuda
// kbench: dtype    f32 f16 bf16
// kbench: baseline
// kbench: launch   cudnn_softmax(x, y, rows, cols)
//
// A row is an image with as many channels as it has columns. Opened at run time, since no toolkit
// need be where kbench is built; declared as cudnn_ops.h has it.
#include <dlfcn.h>
#include <kbench.h>

#include <cstdio>
#include <cstdlib>

namespace {

using Handle = void*;
using Description = void*;  // of a tensor
constexpr int kChannelsFirst = 0, kLessTheLargest = 1, kOverAllOfAnImage = 0;

template <class T>
constexpr int kTypeOf = 0;  // CUDNN_DATA_FLOAT
template <>
constexpr int kTypeOf<f16> = 2;
template <>
constexpr int kTypeOf<bf16> = 9;

void fail(const char* what, int status) {
  std::snprintf(kbench_failure, sizeof kbench_failure, "%s: status %d", what, status);
}

struct Cudnn {
  Handle handle = nullptr;
  Description tensor = nullptr;
  int (*describe)(Description, int format, int type, int n, int c, int h, int w) = nullptr;
  int (*softmax)(Handle, int, int, const void* alpha, Description, const void* x, const void* beta,
                 Description, void* y) = nullptr;
};

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
    if (function == nullptr) fail(name, 0);
    return function != nullptr;
  };
  int (*create)(Handle*) = nullptr;
  int (*use)(Handle, void*) = nullptr;
  int (*create_tensor)(Description*) = nullptr;
  if (!find(create, "cudnnCreate") || !find(use, "cudnnSetStream") ||
      !find(create_tensor, "cudnnCreateTensorDescriptor") ||
      !find(opened.describe, "cudnnSetTensor4dDescriptor") ||
      !find(opened.softmax, "cudnnSoftmaxForward")) {
    return opened;
  }
  int status = create(&opened.handle);
  if (status == 0) status = use(opened.handle, kbench_stream);
  if (status == 0) status = create_tensor(&opened.tensor);
  if (status != 0) fail("cudnnCreate", status);
  return opened;
}

}  // namespace

void cudnn_softmax(const x_t* x, y_t* y, int rows, int cols) {
  static const Cudnn cudnn = open_cudnn();
  if (kbench_failure[0] != '\0' || rows == 0 || cols == 0) return;
  const float one = 1, zero = 0;
  int status = cudnn.describe(cudnn.tensor, kChannelsFirst, kTypeOf<x_t>, rows, cols, 1, 1);
  if (status == 0) {
    status = cudnn.softmax(cudnn.handle, kLessTheLargest, kOverAllOfAnImage, &one, cudnn.tensor, x,
                           &zero, cudnn.tensor, y);
  }
  if (status != 0) fail("cudnnSoftmaxForward", status);
}
