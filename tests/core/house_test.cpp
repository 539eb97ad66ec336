#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace kbench {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kFloors = {"core",    "backends", "harness",
                                          "results", "search",   "cli"};

// Position in the house, from the ground up; -1 for what is no floor.
ptrdiff_t floor_of(const std::string& folder) {
  const auto found = std::find(kFloors.begin(), kFloors.end(), folder);
  return found == kFloors.end() ? -1 : found - kFloors.begin();
}

// "file includes header" for every include in `root`/folder that goes up the stairs.
std::vector<std::string> includes_upwards(const fs::path& root, const std::string& folder) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*"([^/"]+)/([^"]+)")re");
  std::vector<std::string> wrong;
  if (!fs::exists(root / folder)) return wrong;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    const std::string extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp" && extension != ".h") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, kInclude)) continue;
      if (floor_of(match[1]) > floor_of(folder)) {
        wrong.push_back(fs::relative(entry.path(), root).string() + " includes " + match.str(1) +
                        "/" + match.str(2));
      }
    }
  }
  return wrong;
}

TEST(House, EveryIncludeStaysOnItsFloorOrBelow) {
  int files = 0;
  for (const std::string& floor : kFloors) {
    for (const std::string& wrong : includes_upwards(KBENCH_SOURCE_DIR, floor)) {
      ADD_FAILURE() << wrong;
    }
    if (!fs::exists(fs::path(KBENCH_SOURCE_DIR) / floor)) continue;
    for ([[maybe_unused]] const auto& entry :
         fs::directory_iterator(fs::path(KBENCH_SOURCE_DIR) / floor)) {
      ++files;
    }
  }
  EXPECT_GT(files, 20) << "the sources were not found";
}

TEST(House, AnIncludeFromAHigherFloorIsSeen) {
  const fs::path root = fs::path(testing::TempDir()) / "kbench_house";
  fs::create_directories(root / "core");
  std::ofstream(root / "core/bad.cpp")
      << "#include \"core/text.hpp\"\n # include \"cli/main.hpp\"\n";
  const auto wrong = includes_upwards(root, "core");
  fs::remove_all(root);
  EXPECT_EQ(wrong, std::vector<std::string>{"core/bad.cpp includes cli/main.hpp"});
}

}  // namespace
}  // namespace kbench
