#pragma once

#include <deque>

#include "search/models/model_campaign.hpp"

namespace kbench {

// Answers with what a stored campaign was answered, in its order. A prompt that is not the recorded
// one is an Error that says where they part.
class RecordedAnswers final : public Answers {
 public:
  explicit RecordedAnswers(std::vector<StoredProposal> proposals)
      : proposals_(std::move(proposals)) {}
  Result<void> ask(const StoredProposal& proposal, size_t model,
                   const ChatRequest& request) override;
  std::optional<Taken> take(std::chrono::milliseconds wait) override;

 private:
  std::vector<StoredProposal> proposals_;
  std::deque<size_t> open_;
};

// Judges with what was recorded. A candidate that is not the recorded one is an Error.
class RecordedJudge final : public Evaluator {
 public:
  static Result<RecordedJudge> load(const Store& store, int64_t campaign);

  int depth() const override { return 1; }
  void ask(const EvaluationRequest& request) override { open_.push_back(request); }
  Result<Evaluation> next() override;
  Result<Confirmation> confirm(const ConfirmationRequest& request) override;

  size_t verdicts() const { return asks_.size() + confirmations_.size(); }
  size_t confirmations() const { return confirmations_.size(); }
  // How many of these were compared.
  size_t baselines(const std::vector<Candidate>& among) const;

 private:
  std::map<int64_t, StoredEvaluation> asks_;  // by sequence
  std::vector<StoredEvaluation> confirmations_;
  size_t confirmed_ = 0;
  std::deque<EvaluationRequest> open_;
};

struct ReplayedModels {
  size_t prompts = 0, verdicts = 0;
  CampaignResult result;
};
// Runs a stored campaign again from its record alone: no endpoint, no device. `setup` holds its
// kernels, task and prompts; the rest is restored. An Error is the first difference; a campaign
// that did not come to its end is one.
Result<ReplayedModels> replay_models(const CampaignRecord& record, ModelCampaignSetup setup,
                                     const Store& store, CampaignObserver& observer);

}  // namespace kbench
