// Any bytes as a kernel file: an Error or a kernel, and what is read of it can be used.

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/kernel_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto kernel = kbench::parse_kernel_file(text, "fuzz.cpp");
  if (!kernel) return 0;
  const kbench::Params params = kernel->defaults();
  static_cast<void>(kbench::canonical(params));
  const kbench::Bindings dims = {{"rows", 3}, {"cols", 0}, {"n", INT64_MAX}};
  static_cast<void>(kbench::satisfies(*kernel, params, dims, {{"CORES", 2}}));
  return 0;
}
