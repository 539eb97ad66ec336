#include "search/line_search.hpp"

#include <utility>

#include "search/moves.hpp"

namespace kbench {

LineSearch::LineSearch(const Space& space, Known start, std::mt19937_64& random)
    : space_(space), random_(random), at_(std::move(start)) {}

std::optional<Configuration> LineSearch::next() {
  for (;;) {
    if (lines_.empty()) {
      if (!std::exchange(moved_, false)) return std::nullopt;
      for (const size_t param : free_params(space_)) {
        lines_.push_back({param, -1});
        lines_.push_back({param, 1});
      }
      shuffle(lines_, random_);
      if (lines_.empty()) return std::nullopt;
    }
    if (auto next = step(lines_.back())) return next;
    lines_.pop_back();
  }
}

void LineSearch::learn(const Configuration& configuration, double value) {
  if (value < at_.value) {
    at_ = {configuration, value};
    moved_ = true;
  } else {
    lines_.pop_back();
  }
}

// The next valid configuration along the line.
std::optional<Configuration> LineSearch::step(const Line& line) const {
  Configuration next = at_.configuration;
  const auto count = static_cast<int>(space_.params()[line.param].values.size());
  for (int value = next[line.param] + line.direction; value >= 0 && value < count;
       value += line.direction) {
    next[line.param] = static_cast<uint16_t>(value);
    if (space_.valid(next)) return next;
  }
  return std::nullopt;
}

}  // namespace kbench
