#include "search/models/model_replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "search/models/recorded_answers.hpp"

namespace kbench {

namespace {

// A database that lasts as long as the replay.
class Scratch {
 public:
  Scratch() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "kbench_replay_XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  Result<std::unique_ptr<Store>> open() const {
    return Store::open(folder_ + "/replay.db", OpenMode::read_write);
  }

 private:
  std::string folder_;
};

// What became of every proposal, then and now.
Result<void> compare(const std::vector<StoredProposal>& now,
                     const std::vector<StoredProposal>& then) {
  for (size_t i = 0; i < std::min(now.size(), then.size()); ++i) {
    if (now[i].outcome != then[i].outcome || now[i].kernel_hash != then[i].kernel_hash ||
        now[i].nano_usd != then[i].nano_usd) {
      return bad_input(
          fmt::format("proposal {} is now {}, was {}", i, now[i].outcome, then[i].outcome));
    }
  }
  if (now.size() == then.size()) return {};
  return bad_input(fmt::format("{} proposals now, {} in the record", now.size(), then.size()));
}

}  // namespace

Result<RecordedJudge> RecordedJudge::load(const Store& store, int64_t campaign) {
  auto recorded = recorded_evaluations(store, campaign);
  if (!recorded) return tl::unexpected(recorded.error());
  RecordedJudge judge;
  judge.recorded_ = std::move(*recorded);
  judge.confirmed_.assign(judge.recorded_.confirmations.size(), false);
  return judge;
}

size_t RecordedJudge::baselines(const std::vector<Candidate>& among) const {
  return static_cast<size_t>(std::count_if(
      recorded_.confirmations.begin(), recorded_.confirmations.end(), [&](const auto& stored) {
        return std::any_of(among.begin(), among.end(), [&](const Candidate& baseline) {
          return baseline.kernel_text == stored.source;
        });
      }));
}

Result<Evaluation> RecordedJudge::next() {
  const EvaluationRequest request = std::move(open_.front());
  open_.pop_front();
  const auto stored = recorded_.asks.find(request.id);
  if (stored == recorded_.asks.end()) {
    return bad_input(fmt::format("ask {} is not in the record", request.id));
  }
  if (auto same = check_same(request.candidate, stored->second); !same) {
    return tl::unexpected(same.error());
  }
  Evaluation evaluation = stored->second.evaluation;
  evaluation.id = request.id;
  return evaluation;
}

Result<Confirmation> RecordedJudge::confirm(const ConfirmationRequest& request) {
  // In their order, but for those of a campaign that was interrupted in the midst of them.
  const std::vector<StoredEvaluation>& all = recorded_.confirmations;
  const auto found = std::find_if(all.begin(), all.end(), [&](const StoredEvaluation& stored) {
    return !confirmed_[static_cast<size_t>(&stored - all.data())] &&
           check_same(request.candidate, stored);
  });
  if (found == all.end()) {
    return bad_input("a confirmation of " + request.candidate.kernel_name + " with " +
                     canonical(request.candidate.params) + " is not in the record");
  }
  confirmed_[static_cast<size_t>(found - all.begin())] = true;
  const StoredEvaluation& stored = *found;
  Confirmation confirmation;
  confirmation.id = request.id;
  confirmation.evaluation = stored.evaluation;
  confirmation.against_anchor = stored.against_anchor;
  confirmation.against_incumbent = stored.against_incumbent;
  confirmation.shrinkage = stored.shrinkage.value_or(0);
  confirmation.held_out = stored.held_out;
  return confirmation;
}

Result<ReplayedModels> replay_models(const CampaignRecord& record, ModelCampaignSetup setup,
                                     const Store& store, CampaignObserver& observer) {
  if (auto restored = restore(record, setup); !restored) return tl::unexpected(restored.error());
  if (record.state != "done") {
    return bad_input("it did not come to its end, nor would its replay",
                     fmt::format("campaign {}", record.id));
  }
  auto proposals = store.proposals(record.id);
  if (!proposals) return tl::unexpected(proposals.error());
  auto judge = RecordedJudge::load(store, record.id);
  if (!judge) return tl::unexpected(judge.error());
  // Time went as it did: its limits are where the record ends.
  CampaignSetup& base = setup.campaign;
  base.budget.wall.reset();
  base.budget.proposals = static_cast<int64_t>(proposals->size());
  const size_t baselines = std::min(base.baselines.size(), judge->baselines(base.baselines));
  base.baselines.resize(baselines);
  const size_t others = judge->confirmations() - std::min(judge->confirmations(), baselines + 1);
  base.finalists = static_cast<int>(others);

  const Scratch scratch;
  auto copy = scratch.open();
  if (!copy) return tl::unexpected(copy.error());
  setup.paced_by = *proposals;
  auto calls = recorded_calls(store, record.id);
  if (!calls) return tl::unexpected(calls.error());
  RecordedAnswers answers(std::move(*calls));
  const std::atomic<bool> stop = false;
  auto result = run_model_campaign(setup, answers, *judge, **copy, observer, stop);
  if (!result) return tl::unexpected(result.error());
  auto again = (*copy)->proposals(result->id);
  if (!again) return tl::unexpected(again.error());
  if (auto same = compare(*again, *proposals); !same) return tl::unexpected(same.error());
  return ReplayedModels{proposals->size(), judge->verdicts(), std::move(*result)};
}

}  // namespace kbench
