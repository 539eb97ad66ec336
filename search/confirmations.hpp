#pragma once

#include "search/campaign.hpp"
#include "search/finalists.hpp"

namespace kbench {

// Who a campaign works with.
struct CampaignParties {
  const CampaignSetup& setup;
  Evaluator& evaluator;
  Store& store;
  CampaignObserver& observer;
  const std::atomic<bool>& stop;
  const Clock& now;
};

// The confirmed kernels of a campaign: the anchor first, then what could win, baselines last.
// Everything needs an evaluator with no ask open, and is stored as it comes. `sequence` numbers the
// requests.
class Confirmations {
 public:
  // Writes the result's anchor, incumbent, finalists and baselines.
  Confirmations(CampaignParties parties, std::chrono::nanoseconds started, CampaignResult& result)
      : with_(parties), started_(started), result_(result) {}

  // What a campaign that goes on had confirmed.
  Result<void> restore();
  // A screened candidate that may be confirmed later.
  void add(const Candidate& candidate, const Evaluation& evaluation, int64_t evaluation_id,
           bool anchor);
  bool anchor_waits() const { return anchor_ && !result_.anchor; }

  Result<void> confirm_anchor(int64_t sequence);
  // The fastest `count` that were not confirmed and promise a win; beyond the first one only while
  // the time budget lasts.
  Result<void> confirm_best(int count, int64_t sequence);

  // Of a time budget, what the end of the campaign takes: confirmations, and before them answers
  // `under_way`.
  std::chrono::nanoseconds reserve(std::chrono::nanoseconds under_way = {}) const;

  // The end of a campaign that `worked` or failed to: confirms the best unless it was interrupted,
  // compares baselines, and stores how it ended. Finalists are sorted by their ratio to the anchor.
  Result<CampaignResult> finish(Result<void> worked, int64_t sequence);

 private:
  // Paired with the incumbent alone, so that they are stored but rank nowhere.
  Result<void> compare_baselines(int64_t sequence);
  // `request` says what to compare with.
  Result<void> confirm(const Screened& screened, ConfirmationRequest request, int64_t sequence);
  Result<Confirmed> run(ConfirmationRequest request, int64_t sequence, int64_t parent);
  bool admit(Confirmed confirmed);
  bool time_for(int64_t confirmations) const;

  // More than are ever confirmed in one campaign.
  static constexpr size_t kRemembered = 64;

  CampaignParties with_;
  std::chrono::nanoseconds started_;
  CampaignResult& result_;
  Finalists finalists_{kRemembered};
  std::optional<Screened> anchor_;
  std::chrono::nanoseconds longest_{0};
};

}  // namespace kbench
