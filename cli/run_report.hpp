#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "cli/model_tally.hpp"
#include "search/campaign.hpp"

namespace kbench {

struct ReplayedModels;

// What a campaign shows while it runs (one line that rewrites itself on a terminal, plain lines
// elsewhere, JSON lines for programs: docs/cli.md) and the table at its end.
class RunReport final : public CampaignObserver {
 public:
  // `stop` is set when nobody reads the output any more.
  RunReport(const CampaignSetup& setup, bool json, bool quiet, std::atomic<bool>& stop);
  int64_t campaign() const { return campaign_; }  // 0: not begun

  void on_start(int64_t campaign) override;
  void on_phase(CampaignPhase phase) override;
  void on_confirming(const Candidate& candidate) override;
  void on_evaluation(const CampaignProgress& progress, const Candidate& candidate,
                     const Evaluation& evaluation) override;
  void on_confirmation(const Candidate& candidate, const Confirmation& confirmation,
                       bool promoted) override;
  void on_proposal(const StoredProposal& proposal) override;
  void on_precheck(const StoredPrecheck& precheck) override;
  // `again`: the command that goes on with the campaign.
  void finish(const CampaignResult& result, const std::string& database, const std::string& again);
  // Of a replay of this campaign that agreed with its record.
  void finish_replay(const ReplayedModels& replayed, int64_t campaign);

 private:
  void print(const std::string& text);
  void passing(const std::string& text);
  void lasting(const std::string& text);

  const CampaignSetup& setup_;
  std::string title_;
  bool json_, quiet_, live_;
  std::atomic<bool>& stop_;
  int64_t campaign_ = 0;
  ModelTally models_;
  bool open_line_ = false;
  double best_ns_ = 0;
  std::string best_label_;
  std::chrono::steady_clock::time_point shown_{};
};

}  // namespace kbench
