#pragma once

#include "search/campaign.hpp"

namespace kbench {

// How a campaign stands: what it was told, the fastest of it, what is spent of the budget.
class Standing {
 public:
  Standing(const CampaignSetup& setup, CampaignProgress& progress)
      : setup_(setup), progress_(progress) {}

  // One more evaluation was told, `elapsed` after the start. `ns`: its time; none: it failed.
  // `counts`: it may be the fastest. An Error when so many in a row could not be judged that the
  // next one would fare no better.
  Result<void> told(const Evaluation& evaluation, std::optional<double> ns, bool counts,
                    std::chrono::nanoseconds elapsed);

 private:
  const CampaignSetup& setup_;
  CampaignProgress& progress_;
  int unjudged_ = 0;  // in a row
};

}  // namespace kbench
