#pragma once

#include <optional>

#include "harness/bench_session.hpp"
#include "harness/pairing.hpp"
#include "harness/verify.hpp"

namespace kbench {

// Two built candidates on one problem: loaded anew for every launch, timed in pairs on the same
// tensor sets, their outputs compared with each other in full.
tl::expected<Comparison, PairFault> duel(BenchSession& session, const Build& a, const Build& b,
                                         ProblemContext& problem, const PairingRule& rule);

}  // namespace kbench
