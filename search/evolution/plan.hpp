#pragma once

#include "search/evolution/member.hpp"

namespace kbench {

// What a plan's strategy may be.
inline constexpr std::string_view kPlanStrategies[] = {
    "tiling",        "fusion",        "pipelining", "reordering", "vectorising",
    "memory layout", "parallelising", "unrolling",  "algebra",    "specialising"};

// Of a reply: a line `strategy: NAME` and lines `step: TEXT`, at most five, in any case and with
// list marks before them. Empty: it lays out no step, or no strategy of the list.
std::optional<Plan> parse_plan(std::string_view reply);
// "tiling, vectorising, ...", for the prompt.
std::string plan_strategies();

}  // namespace kbench
