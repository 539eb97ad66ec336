#include "harness/energy.hpp"

#include <filesystem>
#include <fstream>

namespace kbench {

namespace {

namespace fs = std::filesystem;

// None: not there, no number, or not for us to read.
std::optional<int64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  int64_t number = 0;
  if (!(file >> number)) return {};
  return number;
}

}  // namespace

std::optional<EnergyCounter> EnergyCounter::open(const std::string& folder) {
  EnergyCounter counter;
  std::error_code absent;
  for (const auto& zone : fs::directory_iterator(folder, absent)) {
    std::string name;
    std::ifstream(zone.path() / "name") >> name;
    // Cores and memory are zones inside these; "psys" holds the packages as well.
    if (!name.starts_with("package")) continue;
    const fs::path file = zone.path() / "energy_uj";
    const auto now = number_in(file), range = number_in(zone.path() / "max_energy_range_uj");
    if (!now || !range) return {};  // half of the energy would be worse than none
    counter.packages_.push_back({file, *range, *now});
  }
  if (counter.packages_.empty()) return {};
  return counter;
}

double EnergyCounter::joules() {
  for (Package& package : packages_) {
    const auto now = number_in(package.file);
    if (!now) continue;
    const int64_t used = *now - package.last_uj;
    joules_ += static_cast<double>(used < 0 ? used + package.range_uj : used) * 1e-6;
    package.last_uj = *now;
  }
  return joules_;
}

}  // namespace kbench
