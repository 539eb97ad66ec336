#pragma once

#include <chrono>
#include <string>

#include "search/campaign.hpp"

namespace kbench {

// What a campaign shows while it runs (one line that rewrites itself on a terminal, plain lines
// elsewhere, JSON lines for programs) and the table at its end.
class RunReport final : public CampaignObserver {
 public:
  RunReport(const Task& task, const CampaignSetup& setup, bool json, bool quiet);
  void on_phase(CampaignPhase phase) override;
  void on_evaluation(const CampaignProgress& progress, const Candidate& candidate,
                     const Evaluation& evaluation) override;
  void on_confirmation(const Candidate& candidate, const Confirmation& confirmation,
                       bool promoted) override;
  void finish(const CampaignResult& result, const std::string& database);

 private:
  void line(const std::string& text);
  void finish_json(const CampaignResult& result) const;

  std::string title_;
  bool json_, quiet_, live_;
  bool open_line_ = false;
  double best_ns_ = 0;
  std::chrono::steady_clock::time_point shown_{};
};

}  // namespace kbench
