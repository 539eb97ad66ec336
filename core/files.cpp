#include "core/files.hpp"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace kbench {

namespace fs = std::filesystem;

Result<std::string> read_file(const std::string& path) {
  std::error_code ignored;
  // Reading from an opened folder would throw.
  if (fs::is_directory(path, ignored)) return environment_error("this is a folder, no file", path);
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return environment_error("cannot read the file", path);
  return text;
}

Result<void> write_file(const std::string& path, const std::string& text) {
  static std::atomic<int> count = 0;
  const std::string beside = path + "." + std::to_string(getpid()) + "." + std::to_string(count++);
  std::ofstream file(beside, std::ios::binary);
  file << text;
  file.close();
  std::error_code failed;
  if (file) fs::rename(beside, path, failed);
  if (!file || failed) {
    fs::remove(beside, failed);
    return environment_error("cannot write the file", path, "is the disk full or read-only?");
  }
  return {};
}

}  // namespace kbench
