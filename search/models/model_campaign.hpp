#pragma once

#include "search/campaign.hpp"
#include "search/evolution/evolution.hpp"
#include "search/models/answers.hpp"
#include "search/models/prices.hpp"
#include "search/models/prompt.hpp"

namespace kbench {

struct ModelChoice {
  ModelName name;
  Price price;
  bool priced = false;  // false: the user says it is free
};

// A model is asked about each kernel before it is compiled.
struct PrecheckSetup {
  ModelChoice model;
  bool filters = true;  // what it says will fail is not judged; false: what it says is only stored
};

// One `kbench run --model`: models propose kernels, the judge decides.
struct ModelCampaignSetup {
  CampaignSetup campaign;  // kernels: where it starts from; strategy: of the params of proposals
  Task task;
  std::string language = "cpp";     // that models write
  Bindings device;                  // what kernel headers in it may use of the device
  std::string device_text;          // for the prompt
  std::vector<ModelChoice> models;  // asked in turn
  std::optional<PrecheckSetup> precheck = {};
  Prompts prompts;
  EvolutionSetup evolution = {};
  std::string model_choice = "turns";
  std::string arm = "evolve";
  int64_t max_tokens = 16'384;
  std::optional<double> temperature = {};
  int in_flight = 4;  // prompts open at a time: part of the path, as the lag is elsewhere
  int64_t share = 8;  // evaluations that a proposal's params may take
  std::vector<Problem> shapes = {};  // on which each proposal's best is timed as well
  std::string knowledge = {};        // notes for the prompt
  std::string similar = {};          // a fast kernel of a similar task, for the prompt
  // A stored campaign's: when each was asked, and its share, are taken from it, not from budgets.
  std::vector<StoredProposal> paced_by = {};
};

// Every prompt is stored before it is asked, every answer as it comes; proposals are told in the
// order they were asked, so that the path depends on the answers and verdicts alone. Money: what is
// spent and the worst case of every call under way never exceed the budget.
Result<CampaignResult> run_model_campaign(const ModelCampaignSetup& setup, Answers& answers,
                                          Evaluator& evaluator, Store& store,
                                          CampaignObserver& observer, const std::atomic<bool>& stop,
                                          const Clock& now = steady_clock());

// Goes on with a stored campaign, of which `setup` has what `restore` read. What it was answered is
// taken from the record, every decision is taken again, and an Error is the first that differs. A
// time budget starts anew.
Result<CampaignResult> resume_model_campaign(const CampaignRecord& record, ModelCampaignSetup setup,
                                             Answers& answers, Evaluator& evaluator, Store& store,
                                             CampaignObserver& observer,
                                             const std::atomic<bool>& stop,
                                             const Clock& now = steady_clock());

// Of a stored campaign: models, arm, limits. An error where it had no models.
Result<void> restore(const CampaignRecord& record, ModelCampaignSetup& setup);
bool has_models(const CampaignRecord& record);
// What the store keeps of it.
CampaignRecord record_of(const ModelCampaignSetup& setup);

}  // namespace kbench
