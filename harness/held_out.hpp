#pragma once

#include <random>
#include <vector>

#include "harness/task.hpp"

namespace kbench {

// Problems with dims drawn from the task's held-out ranges, which no search sees; legal by the
// task's own rules. Fewer than `count` when the ranges hardly allow any.
std::vector<Problem> draw_held_out(const Task& task, const Problem& like, int count,
                                   std::mt19937_64& random);

}  // namespace kbench
