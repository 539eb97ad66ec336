#include "search/models/recorded_answers.hpp"

#include <fmt/format.h>

namespace kbench {

namespace {

// Turned away to the end, or about to be sent again, when the user stopped it.
bool nobody_took(const StoredCall& stored) {
  return !stored.answered && stored.attempts > 0;
}

RecordedCalls with_lost_calls(RecordedCalls calls) {
  for (auto& [key, call] : calls) {
    if (call.answered || nobody_took(call)) continue;
    call.attempts = 1;
    call.delivered = true;
    call.outcome = name_of(ModelFailure::transport);
    call.message = "kbench was killed before the answer came";
  }
  return calls;
}

}  // namespace

Result<void> RecordedAnswers::ask(const StoredCall& call, size_t, const ChatRequest&) {
  const auto stored = calls_.find(key_of(call));
  if (stored == calls_.end()) {
    return bad_input(
        fmt::format("the {} of proposal {} is not in the record", call.step, call.number));
  }
  if (auto same = check_same(call, stored->second); !same) return same;
  open_.push_back(stored->first);
  return {};
}

std::optional<Answers::Taken> RecordedAnswers::take(std::chrono::milliseconds) {
  if (open_.empty()) return {};
  const CallKey key = open_.front();
  open_.pop_front();
  return Taken{key, exchange_of(calls_.at(key))};
}

ResumedAnswers::ResumedAnswers(RecordedCalls calls, Answers& live)
    : calls_(std::move(calls)), recorded_(with_lost_calls(calls_)), live_(live) {}

Result<void> ResumedAnswers::ask(const StoredCall& call, size_t model, const ChatRequest& request) {
  const auto stored = calls_.find(key_of(call));
  if (stored == calls_.end()) return live_.ask(call, model, request);
  if (!nobody_took(stored->second)) return recorded_.ask(call, model, request);
  if (auto same = check_same(call, stored->second); !same) return same;
  return live_.ask(call, model, request);
}

std::optional<Answers::Taken> ResumedAnswers::take(std::chrono::milliseconds wait) {
  if (auto taken = recorded_.take(wait)) return taken;
  return live_.take(wait);
}

}  // namespace kbench
