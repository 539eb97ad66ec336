#include "search/race.hpp"

#include <algorithm>
#include <limits>

namespace kbench {

void Race::enter(const Space& space, std::unique_ptr<Strategy> strategy) {
  Entry entry{.space = &space,
              .strategy = std::move(strategy),
              .best = std::numeric_limits<double>::infinity()};
  entries_.push_back(std::move(entry));
}

std::optional<Race::Ask> Race::ask() {
  while (defaults_asked_ < entries_.size()) {
    size_t kernel = defaults_asked_++;
    Entry& entry = entries_[kernel];
    Configuration start = entry.space->defaults();
    if (!entry.space->valid(start)) continue;
    ++entry.asks_this_round;
    return Ask{kernel, start};
  }
  do {
    for (;;) {
      Entry* next = nullptr;
      for (Entry& entry : entries_) {
        if (!entry.running || entry.exhausted || entry.asks_this_round >= quota_) continue;
        if (!next || entry.asks_this_round < next->asks_this_round) next = &entry;
      }
      if (!next) break;
      auto configuration = next_of(*next);
      if (!configuration) continue;
      ++next->asks_this_round;
      return Ask{static_cast<size_t>(next - entries_.data()), *configuration,
                 next->strategy->fidelity()};
    }
  } while (next_round());
  return std::nullopt;
}

void Race::tell(size_t kernel, const Observation& observation) {
  Entry& entry = entries_[kernel];
  entry.strategy->tell(observation);
  if (observation.value) entry.best = std::min(entry.best, *observation.value);
}

// A strategy does not know that its kernel's default was asked already.
std::optional<Configuration> Race::next_of(Entry& entry) {
  while (auto configuration = entry.strategy->ask()) {
    if (*configuration != entry.space->defaults()) return configuration;
  }
  entry.exhausted = true;
  return std::nullopt;
}

// False: nothing is left to ask.
bool Race::next_round() {
  std::vector<Entry*> left;
  for (Entry& entry : entries_) {
    entry.asks_this_round = 0;
    if (entry.running && !entry.exhausted) left.push_back(&entry);
  }
  if (left.empty()) {  // those that left too early come back
    for (Entry& entry : entries_) {
      entry.running = true;
      if (!entry.exhausted) left.push_back(&entry);
    }
    return !left.empty();
  }
  std::stable_sort(left.begin(), left.end(),
                   [](const Entry* a, const Entry* b) { return a->best < b->best; });
  for (size_t i = (left.size() + 1) / 2; i < left.size(); ++i) left[i]->running = false;
  quota_ *= 2;
  return true;
}

}  // namespace kbench
