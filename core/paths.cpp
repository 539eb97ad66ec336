#include "core/paths.hpp"

#include <cstdlib>
#include <filesystem>

namespace kbench {

namespace fs = std::filesystem;

namespace {

bool holds_data(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_directory(folder / "tasks", ignored) &&
         fs::is_directory(folder / "reference_kernels", ignored);
}

std::string find_data_root() {
  if (const char* home = std::getenv("KBENCH_HOME")) return home;
  for (fs::path folder = program_folder(); !folder.empty(); folder = folder.parent_path()) {
    if (holds_data(folder)) return folder;
    if (folder == folder.root_path()) break;
  }
  const fs::path installed = fs::path(program_folder()) / "../share/kbench";
  return holds_data(installed) ? installed.lexically_normal().string() : std::string();
}

}  // namespace

std::string program_folder() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  return failed ? std::string(".") : program.parent_path().string();
}

const std::string& data_root() {
  static const std::string kRoot = find_data_root();
  return kRoot;
}

std::string cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return std::string(cache) + "/kbench";
  }
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : "/tmp") + "/.cache/kbench";
}

}  // namespace kbench
