#include "cli/recorded_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "search/recorded_campaign.hpp"
#include "search/training.hpp"

namespace kbench {

namespace {

Result<std::string> write_into(const std::string& folder, const std::string& name,
                               const std::string& text) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const std::string path = std::filesystem::path(folder) / name;
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return path;
  return environment_error("cannot be written", path,
                           "is the folder writable, and the disk not full?");
}

}  // namespace

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
  std::vector<std::string> paths;
  for (const RecordedSpace& space : *spaces) {
    const auto text = format == "csv" ? to_csv(space) : Result<std::string>(to_t4(space));
    if (!text) return tl::unexpected(text.error());
    auto path = write_into(folder, space.name + (format == "csv" ? ".csv" : ".t4.json"), *text);
    if (!path) return tl::unexpected(path.error());
    paths.push_back(std::move(*path));
  }
  return paths;
}

Result<std::string> write_training(const Store& store, const CampaignRecord& campaign,
                                   const std::string& format, const std::string& folder) {
  const auto text = training_lines(store, campaign, format);
  if (!text) return tl::unexpected(text.error());
  return write_into(folder, fmt::format("{}-{}.{}.jsonl", campaign.task, campaign.id, format),
                    *text);
}

}  // namespace kbench
