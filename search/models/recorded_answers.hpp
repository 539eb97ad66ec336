#pragma once

#include <deque>

#include "search/models/answers.hpp"
#include "search/models/recorded.hpp"

namespace kbench {

// Answers with what a stored campaign was answered, in its order. A prompt that is not the recorded
// one is an Error that says where they part.
class RecordedAnswers : public Answers {
 public:
  explicit RecordedAnswers(RecordedCalls calls) : calls_(std::move(calls)) {}
  Result<void> ask(const StoredCall& call, size_t model, const ChatRequest& request) override;
  std::optional<Taken> take(std::chrono::milliseconds wait) override;

 private:
  RecordedCalls calls_;
  std::deque<CallKey> open_;
};

// The same for a campaign that goes on: what was not asked then is asked now. A call that was under
// way when kbench was killed may have been paid for: it is not asked again, and counts as
// `transport`. One that an interrupted campaign knows nobody took is asked.
class ResumedAnswers final : public Answers {
 public:
  ResumedAnswers(RecordedCalls calls, Answers& live);
  Result<void> ask(const StoredCall& call, size_t model, const ChatRequest& request) override;
  std::optional<Taken> take(std::chrono::milliseconds wait) override;

 private:
  RecordedCalls calls_;
  RecordedAnswers recorded_;
  Answers& live_;
};

}  // namespace kbench
