#pragma once

#include <string>
#include <vector>

#include "results/store.hpp"

namespace kbench {

// What a models' campaign can be written as for training, sorted: "pairs", "rewards", "sft".
std::vector<std::string> training_formats();

// JSON lines (docs/scores.md): right kernels with their reasoning (sft), pairs of which one is to
// be preferred, or every attempt with its reward. An error when the campaign asked no model.
Result<std::string> training_lines(const Store& store, const CampaignRecord& campaign,
                                   const std::string& format);

}  // namespace kbench
