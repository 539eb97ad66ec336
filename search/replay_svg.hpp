#pragma once

#include <string>
#include <vector>

#include "search/replay.hpp"

namespace kbench {

// One panel a space: how far above the optimum the best so far is, over the time that is scored,
// for each strategy and for random search. A file of its own, colours included.
std::string replay_svg(const std::vector<ReplayResult>& results);

}  // namespace kbench
