#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace kbench {

// When a campaign ends: at the first limit reached. None set: when the space is exhausted.
struct Budget {
  std::optional<int64_t> evaluations;            // told, those answered from the store included
  std::optional<std::chrono::nanoseconds> wall;  // confirmations included
  std::optional<int64_t> stall;                  // evaluations in a row without a faster one
  std::optional<int64_t> stall_proposals;        // the same, of models' proposals
  std::optional<double> roofline_share;          // of the best one screened, (0, 1]
  std::optional<int64_t> nano_usd;               // for models' work, those under way at their worst
  std::optional<int64_t> proposals;              // asked of models

  // As parse_budget reads it.
  std::string text() const;
};

// "30s", "2m", "500evals", "stall=50", "stall=20proposals", "roofline=90%", "5usd",
// "20proposals", several joined by commas. Zero is an error.
Result<Budget> parse_budget(std::string_view text);

// How far a campaign is, in the budget's terms.
struct Spent {
  int64_t evaluations = 0;
  std::chrono::nanoseconds wall{0};
  int64_t since_improvement = 0;
  double roofline_share = 0;
  int64_t nano_usd = 0;
  int64_t proposals = 0;  // asked
  int64_t proposals_told = 0, improved_at_proposal = 0;
};
// Why the search is over ("500 evaluations"); empty: it goes on. `reserve` is kept from the wall
// time.
std::string exhausted(const Budget& budget, const Spent& spent, std::chrono::nanoseconds reserve);
// The part used up of the limit that is nearest to its end, in [0, 1].
double progress(const Budget& budget, const Spent& spent);

}  // namespace kbench
