#include "search/memory.hpp"

#include <limits>

namespace kbench {

size_t ConfigurationHash::operator()(const Configuration& configuration) const {
  uint64_t hash = 0xcbf29ce484222325ull;  // FNV-1a over the indices
  for (uint16_t index : configuration) hash = (hash ^ index) * 0x100000001b3ull;
  return hash ^ (hash >> 32);
}

const double* Memory::value(const Configuration& configuration) const {
  auto found = states_.find(configuration);
  if (found == states_.end() || found->second == kOpen) return nullptr;
  return &told_[found->second].value;
}

const Known* Memory::best() const {
  return best_ == kOpen ? nullptr : &told_[best_];
}

void Memory::ask(const Configuration& configuration) {
  states_.emplace(configuration, kOpen);
}

void Memory::tell(const Observation& observation) {
  double value = observation.value.value_or(std::numeric_limits<double>::infinity());
  states_[observation.configuration] = told_.size();
  told_.push_back({observation.configuration, value});
  if (observation.value && (best_ == kOpen || value < told_[best_].value)) best_ = told_.size() - 1;
}

std::optional<Configuration> Memory::unseen() {
  const uint64_t size = space_.size();
  while (drawn_ < size && states_.size() < size) {
    uint64_t pick = drawn_ + draw(random_, size - drawn_);
    auto at = [&](uint64_t place) {
      auto found = moved_.find(place);
      return found == moved_.end() ? place : found->second;
    };
    uint64_t index = at(pick);
    moved_[pick] = at(drawn_);
    moved_.erase(drawn_++);
    Configuration configuration = space_.at(index);
    if (!asked(configuration)) return configuration;
  }
  return std::nullopt;
}

Configuration Memory::fresh() {
  auto configuration = unseen();
  return configuration ? *configuration : space_.at(draw(random_, space_.size()));
}

uint64_t draw(std::mt19937_64& random, uint64_t count) {
  const uint64_t limit = std::numeric_limits<uint64_t>::max() / count * count;
  for (;;) {
    uint64_t bits = random();
    if (bits < limit) return bits % count;
  }
}

double draw_real(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

}  // namespace kbench
