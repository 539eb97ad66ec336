#include "search/standing.hpp"

#include <fmt/format.h>

namespace kbench {

namespace {

constexpr int kMostUnjudged = 8;

}  // namespace

Result<void> Standing::told(const Evaluation& evaluation, std::optional<double> ns, bool counts,
                            std::chrono::nanoseconds elapsed) {
  unjudged_ = evaluation.outcome == Outcome::internal_error ? unjudged_ + 1 : 0;
  if (unjudged_ == kMostUnjudged) {
    return environment_error(fmt::format("{} candidates in a row could not be judged: {}",
                                         unjudged_, evaluation.message),
                             setup_.problem.canonical());
  }
  Spent& spent = progress_.spent;
  ++spent.evaluations;
  ++spent.since_improvement;
  if (!ns) {
    ++progress_.failures;
  } else if (counts && (progress_.best_screened_ns == 0 || *ns < progress_.best_screened_ns)) {
    progress_.best_screened_ns = *ns;
    spent.since_improvement = 0;
    spent.improved_at_proposal = spent.proposals_told;
    spent.roofline_share = evaluation.roofline_share;
  }
  spent.wall = elapsed;
  progress_.budget_used = progress(setup_.budget, spent);
  return {};
}

}  // namespace kbench
