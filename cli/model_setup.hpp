#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/campaign_setup.hpp"
#include "cli/command.hpp"
#include "search/models/model_campaign.hpp"

namespace kbench {

// Adds what `kbench run` takes for models.
void declare_models(CLI::App& app, ModelOptions& options);

// A job's campaign with models in it.
Result<ModelCampaignSetup> model_setup(const Job& job, const ModelOptions& options);
// One endpoint for each of the setup's models, and one for the model that pre-checks.
Result<std::vector<std::unique_ptr<Endpoint>>> connect(const ModelCampaignSetup& setup,
                                                       const ModelOptions& options,
                                                       const std::atomic<bool>& stop);
// The part of a campaign's command that repeats these options.
std::string command_of(const ModelOptions& options);

}  // namespace kbench
