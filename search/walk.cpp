#include "search/walk.hpp"

#include <algorithm>

namespace kbench {
namespace {

// A walk that learns nothing new for so long goes round in circles: it is sent elsewhere.
constexpr int kPatience = 30;

}  // namespace

bool Walks::answers_at_once(const Configuration& configuration) {
  const double* known = memory_.value(configuration);
  if (!known || ++answers_in_a_row_ > kPatience) return false;
  answer_ = *known;
  return true;
}

Walks::Lane& Walks::next_lane() {
  auto free = lanes_.end();
  if (lanes_.size() >= count_) {
    free = std::find_if(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return !lane.waits; });
  }
  if (free == lanes_.end()) return lanes_.emplace_back(Lane{.walk = walk()});
  lanes_.splice(lanes_.end(), lanes_, free);
  return lanes_.back();
}

std::optional<Configuration> Walks::ask() {
  while (memory_.asked_count() < space().size()) {
    Lane& lane = next_lane();
    answer_ = lane.answer;
    answers_in_a_row_ = 0;
    lane.walk.resume();
    const double* known = memory_.value(wanted_);
    lane.detour = known != nullptr;  // out of patience
    if (lane.detour) {
      lane.answer = *known;
      wanted_ = memory_.fresh();
    }
    lane.waits_for = wanted_;
    lane.waits = true;
    if (memory_.asked(wanted_)) continue;  // by another walk, still open
    memory_.ask(wanted_);
    return wanted_;
  }
  return std::nullopt;
}

void Walks::tell(const Observation& observation) {
  memory_.tell(observation);
  for (Lane& lane : lanes_) {
    if (!lane.waits || lane.waits_for != observation.configuration) continue;
    lane.waits = false;
    if (!lane.detour) lane.answer = memory_.told().back().value;
  }
}

}  // namespace kbench
