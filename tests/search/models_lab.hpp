#pragma once

#include <gmock/gmock.h>

#include <filesystem>

#include "scripted_endpoint.hpp"
#include "scripted_models.hpp"
#include "search/models/model_campaign.hpp"
#include "search/models/model_replay.hpp"

namespace kbench::scripted {

// Stops the campaign after so many proposals, where that is not 0.
class Watcher : public CampaignObserver {
 public:
  explicit Watcher(std::atomic<bool>* stop = nullptr) : stop_(stop) {}
  void on_start(int64_t) override {}
  void on_phase(CampaignPhase) override {}
  void on_confirming(const Candidate&) override {}
  void on_evaluation(const CampaignProgress&, const Candidate&, const Evaluation&) override {}
  void on_confirmation(const Candidate&, const Confirmation&, bool) override {}
  void on_proposal(const StoredProposal& proposal) override {
    outcomes.push_back(proposal.outcome);
    steps.push_back(proposal.step);
    if (stop_ != nullptr && outcomes.size() == stop_after) *stop_ = true;
  }
  std::vector<std::string> outcomes, steps;
  size_t stop_after = 0;

 private:
  std::atomic<bool>* stop_;
};

class ModelCampaignTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kbench_models_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    CampaignSetup& base = setup_.campaign;
    base.problem = {.task = "row_sum", .variant = "f32", .dims = {{"rows", 8}}, .fill = "normal"};
    base.kernels = {start_of(text_of("ns_9000"))};
    base.strategy = "random";
    base.seed = 5;
    base.lag = 2;
    setup_.task.name = "row_sum";
    setup_.prompts = *Prompts::load("");
    setup_.max_tokens = 1000;
    setup_.in_flight = 1;
    budget("100proposals");
    store_ = *Store::open(folder_ + "/a.db", OpenMode::read_write);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void budget(const std::string& text) { setup_.campaign.budget = *parse_budget(text); }
  void model_at(const EndpointServer& server, Price price = {}) {
    setup_.models = {{*parse_model("openai:m@" + server.url()), price, true}};
  }
  std::vector<std::unique_ptr<Endpoint>> connect() const {
    EndpointSetup how;
    how.waiting = {[](std::chrono::milliseconds) {}, [] { return 0.0; }};
    std::vector<std::unique_ptr<Endpoint>> endpoints;
    for (const ModelChoice& model : setup_.models) {
      endpoints.push_back(*make_endpoint(model.name, how));
    }
    if (setup_.precheck) endpoints.push_back(*make_endpoint(setup_.precheck->model.name, how));
    return endpoints;
  }
  CampaignResult run() {
    LiveAnswers answers(connect());
    auto result = run_model_campaign(setup_, answers, judge_, *store_, watcher_, stop_);
    EXPECT_TRUE(result) << result.error().text();
    return result ? *result : CampaignResult{};
  }
  // With the budget set here; the rest is the record's.
  Result<CampaignResult> resume(int64_t id) {
    const auto record = store_->campaign(id);
    ModelCampaignSetup again = setup_;
    EXPECT_TRUE(restore(**record, again));
    again.campaign.budget = setup_.campaign.budget;
    LiveAnswers answers(connect());
    return resume_model_campaign(**record, again, answers, judge_, *store_, watcher_, stop_);
  }
  Result<ReplayedModels> replay(int64_t id) {
    auto record = store_->campaign(id);
    ModelCampaignSetup again;
    again.campaign.kernels = setup_.campaign.kernels;
    again.task = setup_.task;
    again.prompts = setup_.prompts;
    Watcher silent;
    return replay_models(**record, again, *store_, silent);
  }

  std::string folder_;
  ModelCampaignSetup setup_;
  std::unique_ptr<Store> store_;
  TextJudge judge_;
  std::atomic<bool> stop_ = false;
  Watcher watcher_{&stop_};
};

}  // namespace kbench::scripted
