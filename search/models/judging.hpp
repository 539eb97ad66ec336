#pragma once

#include <deque>

#include "search/models/recorded.hpp"
#include "search/models/slot.hpp"

namespace kbench {

// The evaluations of a campaign's open slots. Each is stored as an intent before it runs and its
// result after; those that a campaign that goes on had before are taken from its record.
class Judging {
 public:
  Judging(const ModelCampaignSetup& setup, Evaluator& evaluator, Store& store)
      : setup_(setup), with_(setup.campaign), evaluator_(evaluator), store_(store) {}

  void begin(int64_t campaign) { campaign_ = campaign; }
  Result<void> resume(int64_t campaign);

  // As many of the slots' candidates as the judge takes, the first slots' before others'.
  // `incumbent_ns`: what a screen may give up against.
  Result<void> send(std::deque<Slot>& slots, double incumbent_ns);
  // Waits for the oldest one.
  Result<void> receive();
  // Whether it is there, within `wait`.
  bool ready(std::chrono::milliseconds wait) const { return evaluator_.ready(wait); }
  bool idle() const { return under_way_.empty(); }
  // Above every sequence number asked.
  int64_t asked() const { return asked_; }

 private:
  // One thing to evaluate; `configuration` is the tuner's; none: its best on another shape.
  struct Ask {
    Slot* slot = nullptr;
    std::optional<Configuration> configuration;
    Candidate candidate;
    const Problem* problem = nullptr;
    int64_t sequence = 0;
  };
  std::optional<Ask> next_of(Slot& slot) const;
  Result<void> send(Ask ask, double incumbent_ns);
  static void tell(Ask& ask, Evaluation evaluation, int64_t id);

  const ModelCampaignSetup& setup_;
  const CampaignSetup& with_;
  Evaluator& evaluator_;
  Store& store_;
  int64_t campaign_ = 0, asked_ = 0;
  std::deque<Ask> under_way_;
  std::map<int64_t, StoredEvaluation> recorded_;
};

}  // namespace kbench
