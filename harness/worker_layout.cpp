#include "harness/worker_layout.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace kbench {

namespace {

// Far from where the system puts programs, libraries, stacks (and sanitizers their shadow).
constexpr uint64_t kLowestBase = 0x2000'0000'0000, kBaseRange = 0x1000'0000'0000;
constexpr uint64_t kBaseStep = uint64_t{2} << 20;
constexpr uint64_t kMostGuardPages = 16;

uint64_t whole_pages(uint64_t bytes) {
  return std::max<uint64_t>((bytes + kPageBytes - 1) / kPageBytes, 1) * kPageBytes;
}

// Absent: an output of the reference's view.
bool is_absent(const Region& region) {
  return region.offset == 0 && region.bytes == 0 && !region.writable;
}

}  // namespace

WorkerLayout::WorkerLayout(const WorkerMemory& memory, size_t expected_bytes) {
  // Sets share constants and prepared buffers: each distinct region is mapped once.
  std::map<std::pair<bool, size_t>, std::pair<size_t, std::string>> distinct;
  for (const std::vector<Region>& set : memory.regions) {
    for (size_t t = 0; t < set.size(); ++t) {
      if (is_absent(set[t])) continue;
      auto& [bytes, name] = distinct[{set[t].writable, set[t].offset}];
      bytes = std::max(bytes, set[t].bytes);
      name = t < memory.names.size() ? memory.names[t] : "tensor " + std::to_string(t);
    }
  }
  std::random_device entropy;
  std::mt19937_64 random((uint64_t{entropy()} << 32) | entropy());
  auto draw = [&](uint64_t below) { return random() % below; };
  base_ = kLowestBase + draw(kBaseRange / kBaseStep) * kBaseStep;
  uint64_t at = base_ + (1 + draw(kMostGuardPages)) * kPageBytes;
  auto place = [&](const MappedRegion& region, const std::string& name) {
    regions_.push_back(region);
    names_.push_back(name);
    at += region.bytes + (1 + draw(kMostGuardPages)) * kPageBytes;
  };
  for (const auto& [key, value] : distinct) {
    place({at, whole_pages(value.first), key.second, key.first ? 1u : 0u, 0}, value.second);
  }
  if (expected_bytes > 0) {
    expected_address_ = at;
    place({at, whole_pages(expected_bytes), 0, 1, 1}, "expected values");
  }
  bytes_ = at - base_;
}

uint64_t WorkerLayout::address_of(const Region& region) const {
  if (is_absent(region)) return 0;
  for (const MappedRegion& mapped : regions_) {
    if (mapped.expected == 0 && (mapped.writable != 0) == region.writable &&
        mapped.offset == region.offset) {
      return mapped.address;
    }
  }
  return 0;
}

std::optional<WorkerLayout::Place> WorkerLayout::place_of(uint64_t address) const {
  if (address < base_ || address >= base_ + bytes_ || regions_.empty()) return std::nullopt;
  auto after = std::upper_bound(regions_.begin(), regions_.end(), address,
                                [](uint64_t a, const MappedRegion& r) { return a < r.address; });
  auto named = [&](auto it, Place::Side side) {
    return Place{names_[static_cast<size_t>(it - regions_.begin())], side, it->writable != 0};
  };
  if (after == regions_.begin()) return named(after, Place::Side::before);
  const auto under = std::prev(after);
  const uint64_t end = under->address + under->bytes;
  if (address < end) return named(under, Place::Side::inside);
  // In a gap: the nearer neighbour was meant.
  if (after != regions_.end() && after->address - address < address - end) {
    return named(after, Place::Side::before);
  }
  return named(under, Place::Side::after);
}

}  // namespace kbench
