// Any bytes as a model's reply: a kernel text, edits of its parent, or a typed failure.

#include <cstddef>
#include <cstdint>
#include <string>

#include "search/models/reply.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string reply(reinterpret_cast<const char*>(data), size);
  const std::string parent = "// kbench: task softmax\nvoid f(float* y) {\n  y[0] = 1;\n}\n";
  const auto text = kbench::kernel_text(reply, parent);
  if (text) static_cast<void>(kbench::normalised(*text));
  static_cast<void>(kbench::apply_edits(reply, parent));
  return 0;
}
