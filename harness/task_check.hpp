#pragma once

#include <string>
#include <vector>

#include "harness/bench_session.hpp"

namespace kbench {

// Why a task cannot tell right from wrong. Rules: "reference" (it fails), "slices" (it disagrees
// with itself), "bound" (its own answer, stored, is refused), "shortcut" (a cheap wrong answer is
// taken), "ignored_input", "shapes" and "values" (no
// problem or fill reaches an edge). docs/task.md says what each asks.
struct TaskFlaw {
  std::string rule;
  std::string message;
  auto operator<=>(const TaskFlaw&) const = default;
};

// Runs the reference of every variant on the task's verification problems, and on its largest
// problem of at most 1e8 operations. Each flaw is named once.
std::vector<TaskFlaw> check_task(BenchSession& session, const Task& task);

}  // namespace kbench
