#pragma once

#include <string_view>
#include <vector>

#include "harness/task.hpp"

namespace kbench {

// The problems a line of a task's problem set stands for: one, or one for each fill or variant
// where it says `fill=*` or `variant=*`.
Result<std::vector<Problem>> expand_problems(const Task& task, std::string_view text);

}  // namespace kbench
