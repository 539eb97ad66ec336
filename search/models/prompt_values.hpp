#pragma once

#include "search/models/model_campaign.hpp"
#include "search/models/population.hpp"

namespace kbench {

// What prompt parts can name (docs/models.md lists it), for this turn.
Prompts::Values prompt_values(const ModelCampaignSetup& setup, const Population& population,
                              const Turn& turn);

}  // namespace kbench
