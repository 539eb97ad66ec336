#include "search/models/recorded_answers.hpp"

#include <fmt/format.h>

#include "search/models/recorded.hpp"

namespace kbench {

namespace {

// Turned away to the end, or about to be sent again, when the user stopped it.
bool nobody_took(const StoredProposal& stored) {
  return !stored.answered && stored.attempts > 0;
}

std::vector<StoredProposal> with_lost_calls(std::vector<StoredProposal> proposals) {
  for (StoredProposal& proposal : proposals) {
    if (proposal.answered || nobody_took(proposal)) continue;
    proposal.attempts = 1;
    proposal.delivered = true;
    proposal.outcome = name_of(ModelFailure::transport);
    proposal.message = "kbench was killed before the answer came";
  }
  return proposals;
}

}  // namespace

Result<void> RecordedAnswers::ask(const StoredProposal& proposal, size_t, const ChatRequest&) {
  const auto number = static_cast<size_t>(proposal.number);
  if (number >= proposals_.size()) {
    return bad_input(fmt::format("proposal {} is not in the record", number));
  }
  if (auto same = check_same(proposal, proposals_[number]); !same) return same;
  open_.push_back(number);
  return {};
}

std::optional<Answers::Taken> RecordedAnswers::take(std::chrono::milliseconds) {
  if (open_.empty()) return {};
  const size_t number = open_.front();
  open_.pop_front();
  return Taken{static_cast<int64_t>(number), exchange_of(proposals_[number])};
}

ResumedAnswers::ResumedAnswers(std::vector<StoredProposal> proposals, Answers& live)
    : proposals_(std::move(proposals)), recorded_(with_lost_calls(proposals_)), live_(live) {}

Result<void> ResumedAnswers::ask(const StoredProposal& proposal, size_t model,
                                 const ChatRequest& request) {
  const auto number = static_cast<size_t>(proposal.number);
  if (number < proposals_.size()) {
    const StoredProposal& stored = proposals_[number];
    if (!nobody_took(stored)) return recorded_.ask(proposal, model, request);
    if (auto same = check_same(proposal, stored); !same) return same;
  }
  return live_.ask(proposal, model, request);
}

std::optional<Answers::Taken> ResumedAnswers::take(std::chrono::milliseconds wait) {
  if (auto taken = recorded_.take(wait)) return taken;
  return live_.take(wait);
}

}  // namespace kbench
