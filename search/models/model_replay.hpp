#pragma once

#include <deque>

#include "search/models/model_campaign.hpp"
#include "search/models/recorded.hpp"

namespace kbench {

// Judges with what was recorded. A candidate that is not the recorded one is an Error.
class RecordedJudge final : public Evaluator {
 public:
  static Result<RecordedJudge> load(const Store& store, int64_t campaign);

  int depth() const override { return 1; }
  void ask(const EvaluationRequest& request) override { open_.push_back(request); }
  Result<Evaluation> next() override;
  Result<Confirmation> confirm(const ConfirmationRequest& request) override;

  size_t verdicts() const { return recorded_.asks.size() + confirmations(); }
  size_t confirmations() const { return recorded_.confirmations.size(); }
  // How many of these were compared.
  size_t baselines(const std::vector<Candidate>& among) const;

 private:
  RecordedEvaluations recorded_;
  std::vector<bool> confirmed_;  // which of them were asked for
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
