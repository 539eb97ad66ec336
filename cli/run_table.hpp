#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "search/campaign.hpp"

namespace kbench {

// What a campaign confirmed, by its ratio to the anchor, and the best beside the vendors'
// baselines; says so where nothing could be confirmed or a baseline is missing.
std::string result_table(const CampaignResult& result, const std::vector<Candidate>& baselines);

// What nothing beats in every objective, by time; empty where time is the only one.
std::string front_table(const std::vector<FrontRow>& front,
                        const std::vector<Objective>& objectives);

// The same for programs: the last line of `kbench run --json`.
nlohmann::json end_event(const CampaignResult& result, const std::string& resume_command);

}  // namespace kbench
