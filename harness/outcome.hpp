#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace kbench {

// What became of a candidate (docs/protocol.md lists when each is given).
enum class Outcome {
  ok,
  invalid_header,
  constraint_violated,
  unsupported,
  compile_error,
  compile_timeout,
  resource_limit,
  launch_error,
  timeout,
  crashed,
  wrong_result,
  out_of_bounds,
  input_modified,
  nondeterministic,
  suspicious,
  internal_error,
};

// How much of the candidate's life was survived. Leaderboards hold `confirmed` rows only.
enum class Evidence { none, compiled, verified, screened, confirmed };

std::string_view name_of(Outcome outcome);
std::string_view name_of(Evidence evidence);
Result<Outcome> parse_outcome(std::string_view name);
Result<Evidence> parse_evidence(std::string_view name);

// An outcome other than ok: the rule that fired (a short stable word such as "stack_overflow",
// "poison_left", "bound") and a sentence for people.
struct Fault {
  Outcome outcome = Outcome::internal_error;
  std::string rule;
  std::string message;
};

template <class T>
using Judged = tl::expected<T, Fault>;

inline tl::unexpected<Fault> fault(Outcome outcome, std::string rule, std::string message) {
  return tl::unexpected(Fault{outcome, std::move(rule), std::move(message)});
}

// What is wrong is the machine or the set-up, not the candidate.
inline Fault environment_fault(const Error& error) {
  return {Outcome::internal_error, "environment", error.text()};
}

}  // namespace kbench
