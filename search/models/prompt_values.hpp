#pragma once

#include "search/models/model_campaign.hpp"

namespace kbench {

// What prompt parts can name (docs/models.md lists it), for this turn.
Prompts::Values prompt_values(const ModelCampaignSetup& setup, const Evolution& evolution,
                              const Turn& turn);

}  // namespace kbench
