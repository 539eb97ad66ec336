#pragma once

#include <string>

#include "harness/evaluation.hpp"

namespace kbench {

// What the judge found, for people: verdict, time, roofline, costs, advice.
std::string verdict_text(const Evaluation& evaluation, const std::string& kernel_name);
// What an author might do about an outcome; empty for ok.
std::string advice_for(const Evaluation& evaluation);
// "1.83x [1.79, 1.88] FASTER": speed of a relative to b, with its interval.
std::string comparison_text(const Comparison& comparison);
// Seen from the other side: b relative to a.
Comparison reversed(const Comparison& comparison);

}  // namespace kbench
