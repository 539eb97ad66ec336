#pragma once

#include "search/campaign.hpp"

namespace kbench {

// What the store keeps of a setup, enough for `restore`.
CampaignRecord record_of(const CampaignSetup& setup);

}  // namespace kbench
