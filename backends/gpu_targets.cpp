#include "backends/gpu_targets.hpp"

#include <algorithm>
#include <array>

namespace kbench {

namespace {

struct Target {
  std::string_view name;
  int64_t warp, shared_kib, sms, cores_per_sm, l2_mib;
  int64_t threads_per_sm = 0, blocks_per_sm = 0;
};

constexpr std::array kCuda = {Target{"sm_75", 32, 64, 72, 64, 6, 1024, 16},
                              Target{"sm_80", 32, 163, 108, 64, 40, 2048, 32},
                              Target{"sm_86", 32, 99, 84, 128, 6, 1536, 16},
                              Target{"sm_87", 32, 163, 16, 128, 4, 1536, 16},
                              Target{"sm_89", 32, 99, 142, 128, 96, 1536, 24},
                              Target{"sm_90", 32, 227, 132, 128, 50, 2048, 32},
                              Target{"sm_100", 32, 227, 148, 128, 126, 2048, 32},
                              Target{"sm_103", 32, 227, 160, 128, 126, 2048, 32},
                              Target{"sm_110", 32, 227, 20, 128, 32, 1536, 24},
                              Target{"sm_120", 32, 99, 188, 128, 128, 1536, 24},
                              Target{"sm_121", 32, 99, 48, 128, 24, 1536, 24}};

constexpr std::array kHip = {
    Target{"gfx906", 64, 64, 60, 64, 4},   Target{"gfx908", 64, 64, 120, 64, 8},
    Target{"gfx90a", 64, 64, 110, 64, 8},  Target{"gfx942", 64, 64, 304, 64, 4},
    Target{"gfx950", 64, 160, 256, 64, 4}, Target{"gfx1030", 32, 64, 80, 64, 4},
    Target{"gfx1100", 32, 64, 96, 64, 6},  Target{"gfx1201", 32, 64, 64, 64, 8}};

template <size_t count>
const Target* find(const std::array<Target, count>& all, std::string_view name) {
  // "sm_90a" and "sm_100f" are sm_90 and sm_100 with instructions of their own.
  const auto same = [&](const Target& it) {
    return name == it.name || (name.starts_with(it.name) && name.size() == it.name.size() + 1 &&
                               (name.back() == 'a' || name.back() == 'f'));
  };
  const auto* found = std::find_if(all.begin(), all.end(), same);
  return found == all.end() ? nullptr : &*found;
}

template <size_t count>
const Target& look_up(const std::array<Target, count>& all, std::string_view name) {
  const Target* found = find(all, name);
  return found == nullptr ? all.front() : *found;
}

}  // namespace

std::vector<std::string> gpu_targets(std::string_view language) {
  std::vector<std::string> names;
  if (language == "cuda") {
    for (const Target& it : kCuda) names.emplace_back(it.name);
  } else {
    for (const Target& it : kHip) names.emplace_back(it.name);
  }
  return names;
}

Bindings gpu_bindings(std::string_view language, std::string_view target) {
  const Target& it = language == "cuda" ? look_up(kCuda, target) : look_up(kHip, target);
  return {{"SMS", it.sms},
          {"WARP", it.warp},
          {"SMEM_MAX", it.shared_kib << 10},
          {"THREADS_MAX", 1024},
          {"CORES", it.sms * it.cores_per_sm},
          {"L2_BYTES", it.l2_mib << 20},
          {"VECTOR_BYTES", 16}};
}

std::optional<Residency> residency_of(std::string_view target) {
  const Target* it = find(kCuda, target);
  if (it == nullptr) return {};
  // From sm_80 on each block has 1 KiB for the system, which no block may ask for.
  const int64_t reserved = it->name == "sm_75" ? 0 : 1024;
  return Residency{it->threads_per_sm, it->blocks_per_sm, (it->shared_kib << 10) + reserved,
                   reserved};
}

}  // namespace kbench
