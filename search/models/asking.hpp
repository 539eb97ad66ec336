#pragma once

#include <deque>

#include "search/evolution/evolution.hpp"
#include "search/evolution/model_choice.hpp"
#include "search/models/slot.hpp"

namespace kbench {

// What a campaign asks its models: the next step, who is asked, whether it can be paid for.
class Asking {
 public:
  static Result<Asking> make(const ModelCampaignSetup& setup);

  // Decides on the next prompt, from what was told up to now, and on its share. None: it does not
  // fit beside the `open` ones, what was spent and the budget.
  Result<std::optional<Slot>> propose(const std::deque<Slot>& open, const Spent& spent,
                                      int64_t told);
  // Why the next one did not fit, for when nothing is open any more.
  const std::string& obstacle() const { return obstacle_; }
  // How many there were.
  int64_t proposed() const { return proposed_; }
  // Whether a stored campaign had more of them.
  bool paced() const { return pace() != nullptr; }

  // What came of it, in the order asked.
  void told_start(const Slot& slot);
  void told(Slot& slot);
  // No model answers any more.
  bool nobody_left() const;
  // Numbers for the evaluations of a slot.
  int64_t take_sequence(int64_t evaluations);

 private:
  explicit Asking(const ModelCampaignSetup& setup) : setup_(setup) {}
  const StoredProposal* pace() const;
  Result<Slot> plan(int64_t told);
  bool affordable(Slot& slot, const std::deque<Slot>& open, const Spent& spent);

  const ModelCampaignSetup& setup_;
  std::optional<Evolution> evolution_;
  std::unique_ptr<ModelPicker> picker_;
  std::vector<bool> out_;     // models that will not answer any more
  std::optional<Slot> next_;  // decided, and waiting for money
  std::string obstacle_;
  int64_t precheck_nano_usd_ = 0;  // the most that one can cost
  int64_t proposed_ = 0, next_sequence_ = 0;
};

}  // namespace kbench
