// kbench: task     matmul
// kbench: language host-cuda
// kbench: dtype    f32 f16 bf16
// kbench: baseline
// kbench: launch   cublas_matmul(a, b, c, m, n, k)
//
// Sums in f32, of f32 factors as they are: the task's bounds refuse TF32. Opened at run time, since
// no toolkit need be where kbench is built; declared as cublas_api.h has it.
#include <dlfcn.h>
#include <kbench.h>

#include <cstdio>
#include <cstdlib>

namespace {

using Handle = void*;
constexpr int kNotTransposed = 0, kDefaultAlgorithm = -1, kComputeF32 = 68;

template <class T>
constexpr int kTypeOf = 0;  // CUDA_R_32F
template <>
constexpr int kTypeOf<f16> = 2;
template <>
constexpr int kTypeOf<bf16> = 14;

void fail(const char* what, int status) {
  std::snprintf(kbench_failure, sizeof kbench_failure, "%s: status %d", what, status);
}

struct Cublas {
  Handle handle = nullptr;
  int (*multiply)(Handle, int, int, int m, int n, int k, const void* alpha, const void*, int, int,
                  const void*, int, int, const void* beta, void*, int, int, int, int) = nullptr;
};

void* open_library() {
  if (const char* given = std::getenv("KBENCH_CUBLAS")) return dlopen(given, RTLD_NOW);
  void* library = dlopen("libcublas.so.13", RTLD_NOW);
  return library != nullptr ? library : dlopen("libcublas.so.12", RTLD_NOW);
}

Cublas open_cublas() {
  Cublas opened;
  void* library = open_library();
  if (library == nullptr) {
    std::snprintf(kbench_failure, sizeof kbench_failure, "no cuBLAS: %s", dlerror());
    return opened;
  }
  auto* create = reinterpret_cast<int (*)(Handle*)>(dlsym(library, "cublasCreate_v2"));
  auto* use = reinterpret_cast<int (*)(Handle, void*)>(dlsym(library, "cublasSetStream_v2"));
  opened.multiply = reinterpret_cast<decltype(opened.multiply)>(dlsym(library, "cublasGemmEx"));
  if (create == nullptr || use == nullptr || opened.multiply == nullptr) {
    fail("cuBLAS lacks a function", 0);
    return opened;
  }
  int status = create(&opened.handle);
  if (status == 0) status = use(opened.handle, kbench_stream);
  if (status != 0) fail("cublasCreate", status);
  return opened;
}

}  // namespace

// Its matrices lie by columns: there a row-major product is that of the transposed in other order.
void cublas_matmul(const a_t* a, const b_t* b, c_t* c, int m, int n, int k) {
  static const Cublas cublas = open_cublas();
  if (kbench_failure[0] != '\0' || m == 0 || n == 0) return;
  const float one = 1, zero = 0;
  const int least = k > 0 ? k : 1;  // a stride must be positive, also of nothing
  const int status = cublas.multiply(cublas.handle, kNotTransposed, kNotTransposed, n, m, k, &one,
                                     b, kTypeOf<b_t>, n, a, kTypeOf<a_t>, least, &zero, c,
                                     kTypeOf<c_t>, n, kComputeF32, kDefaultAlgorithm);
  if (status != 0) fail("cublasGemmEx", status);
}
