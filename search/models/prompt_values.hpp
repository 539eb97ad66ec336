#pragma once

#include "search/models/model_campaign.hpp"

namespace kbench {

// Those of the task and the device, which every prompt part can name.
Prompts::Values task_values(const ModelCampaignSetup& setup);

// What prompt parts can name (docs/models.md lists it), for this turn.
Prompts::Values prompt_values(const ModelCampaignSetup& setup, const Evolution& evolution,
                              const Turn& turn);

}  // namespace kbench
