#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace kbench {

// What a language model was asked in a campaign, and what it said.
struct StoredCall {
  int64_t campaign = 0, number = 0;  // of the proposal, from 0, in the order asked
  std::string step;                  // the operator: "write", "improve", "repair"; "precheck"
  std::string model;                 // as --model has it
  std::string prompt;                // what was asked, whatever the endpoint's form

  // Of the answer; `answered` is false while it is open.
  bool answered = false;
  std::string request, response;  // the bytes of the last attempt
  std::string reply;              // the text in them
  std::string outcome;            // "ok", a failure of the model, or the judge's outcome
  std::string message;
  int attempts = 0;
  bool delivered = false;
  std::optional<int64_t> input_tokens, output_tokens;
  int64_t nano_usd = 0;  // what it was charged
  double milliseconds = 0;
};

// Which of a campaign's calls: the one for a proposal, or the one about its kernel.
struct CallKey {
  int64_t number = 0;
  bool precheck = false;
  auto operator<=>(const CallKey&) const = default;
};
inline CallKey key_of(const StoredCall& call) {
  return {call.number, call.step == "precheck"};
}

// A call for a kernel, and what came of it.
struct StoredProposal : StoredCall {
  int64_t parent = 0;           // the evaluation it starts from; 0: none
  int64_t other_parent = 0;     // the second one of a cross; 0: none
  std::string about;            // what the step is about: a plan's step, what is translated
  std::optional<int64_t> told;  // how many were told when it was decided; none: unknown
  int64_t share = 0;            // evaluations its params may take
  std::string kernel_hash;      // of the kernel it gave; empty: none
};

// What a model foretells of a kernel.
struct Foretold {
  bool compiles = true, right = true, cheats = false;
  // Whether it is worth a compile.
  bool passes() const { return compiles && right && !cheats; }
};

// A call that asked about a proposal's kernel before it was compiled.
struct StoredPrecheck : StoredCall {
  StoredPrecheck() { step = "precheck"; }
  std::optional<Foretold> foretold;  // none: no such answer came
};

}  // namespace kbench
