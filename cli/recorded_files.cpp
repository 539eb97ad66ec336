#include "cli/recorded_files.hpp"

#include <filesystem>
#include <fstream>

#include "search/recorded_campaign.hpp"

namespace kbench {

Result<std::vector<RecordedSpace>> read_recorded(const std::vector<std::string>& paths) {
  std::vector<RecordedSpace> spaces;
  for (const std::string& path : paths) {
    auto space = read_recorded_space(path);
    if (!space) return tl::unexpected(space.error());
    spaces.push_back(std::move(*space));
  }
  return spaces;
}

std::vector<std::string> recorded_formats() {
  return {"csv", "t4"};
}

Result<std::vector<std::string>> write_recorded(const Store& store, int64_t campaign,
                                                const std::string& format,
                                                const std::string& folder) {
  const auto spaces = recorded_campaign(store, campaign);
  if (!spaces) return tl::unexpected(spaces.error());
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  std::vector<std::string> paths;
  for (const RecordedSpace& space : *spaces) {
    const auto text = format == "csv" ? to_csv(space) : Result<std::string>(to_t4(space));
    if (!text) return tl::unexpected(text.error());
    const std::string name = space.name + (format == "csv" ? ".csv" : ".t4.json");
    paths.push_back(std::filesystem::path(folder) / name);
    std::ofstream file(paths.back(), std::ios::binary);
    file << *text;
    file.close();
    if (!file) {
      return environment_error("cannot be written", paths.back(),
                               "is the folder writable, and the disk not full?");
    }
  }
  return paths;
}

}  // namespace kbench
