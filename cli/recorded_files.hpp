#pragma once

#include <string>
#include <vector>

#include "results/store.hpp"
#include "search/recorded_space.hpp"

namespace kbench {

// In the order given; the first that cannot be read is the error.
Result<std::vector<RecordedSpace>> read_recorded(const std::vector<std::string>& paths);

// What a recorded space can be written as, sorted: "csv", "t4".
std::vector<std::string> recorded_formats();

// The recorded spaces of a campaign (search/recorded_campaign.hpp) as files of a folder, which is
// made where it is missing. Returns their paths.
Result<std::vector<std::string>> write_recorded(const Store& store, int64_t campaign,
                                                const std::string& format,
                                                const std::string& folder);

// What training wants of a models' campaign (search/training.hpp) as a file of a folder, which is
// made where it is missing. Returns its path.
Result<std::string> write_training(const Store& store, const CampaignRecord& campaign,
                                   const std::string& format, const std::string& folder);

}  // namespace kbench
