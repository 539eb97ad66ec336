// Any bytes as a task.json: an Error or a task, whose problems have shapes or an Error.

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/task_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto task = kbench::TaskReader(text, "task.json").read();
  if (!task) return 0;
  for (const auto* problems : {&task->smoke, &task->verify, &task->tune, &task->bench}) {
    for (const kbench::Problem& problem : *problems) {
      static_cast<void>(kbench::shapes_of(*task, problem));
      static_cast<void>(kbench::flops_of(*task, problem));
    }
  }
  return 0;
}
