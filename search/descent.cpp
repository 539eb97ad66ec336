#include "search/descent.hpp"

namespace kbench {

Descent::Descent(const Space& space, Known start, const std::string& neighbourhood, Move move,
                 std::mt19937_64& random)
    : space_(space),
      random_(random),
      neighbourhood_(neighbourhood),
      move_(move),
      at_(std::move(start)),
      found_(at_) {
  look_around();
}

void Descent::look_around() {
  to_see_ = neighbourhood(space_, at_.configuration, neighbourhood_);
  shuffle(to_see_, random_);
}

std::optional<Configuration> Descent::next() {
  const bool better = found_.value < at_.value;
  if (better && (move_ == Move::first || to_see_.empty())) {
    at_ = found_;
    look_around();
  }
  if (to_see_.empty()) return std::nullopt;
  Configuration next = std::move(to_see_.back());
  to_see_.pop_back();
  return next;
}

void Descent::learn(const Configuration& configuration, double value) {
  if (value < found_.value) found_ = {configuration, value};
}

OptionSpec move_option(const std::string& default_value) {
  return {"move",
          default_value,
          "first: to the first better neighbour; best: to the best of all neighbours",
          0,
          0,
          {"first", "best"}};
}

Descent::Move parse_move(const std::string& name) {
  return name == "best" ? Descent::Move::best : Descent::Move::first;
}

}  // namespace kbench
