#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kbench {

// One answer of a language model to the question for a kernel, and what the judge made of it. Calls
// that brought no answer (transport, rate limits) are none.
struct Attempt {
  std::string task, category, model, language;
  // What scores are averaged over: task, problem, device and anchor. Speed-ups of different ones do
  // not compare.
  std::string exercise;
  int64_t campaign = 0, number = 0;  // the proposal
  std::string outcome;               // as stored, but for what a confirmation refuted
  std::string question;              // the prompt's identity, its seed left out
  std::string code;                  // identity of the kernel it gave; empty: no code
  bool in_form = false;              // a kernel file for the task in the language asked for
  bool right = false;
  bool confirmed = false;
  // Time of the anchor / time of the kernel at its best params, with an interval; 0: not right.
  double speedup = 0, low = 0, high = 0;
  double dps = 0;             // differential performance score, 0 to 100; of right ones
  std::optional<double> usd;  // what it cost; none: the price is not known
  // Energy of a call of the kernel, of a confirmed one; none: the machine did not measure it.
  std::optional<double> call_joules;
};

}  // namespace kbench
