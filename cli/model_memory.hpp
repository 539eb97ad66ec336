#pragma once

#include "cli/campaign_setup.hpp"
#include "search/models/model_campaign.hpp"

namespace kbench {

// What a new models' campaign may look up: kernels of the same task in other languages (the files
// of --from, else the store's best), and the store's fastest kernel of a similar task.
Result<void> look_up(const Job& job, const ModelOptions& options, const std::string& tasks,
                     const Store& store, ModelCampaignSetup& setup);

}  // namespace kbench
