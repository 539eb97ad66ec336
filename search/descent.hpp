#pragma once

#include <optional>
#include <vector>

#include "search/memory.hpp"
#include "search/moves.hpp"

namespace kbench {

// Downhill from one configuration until no neighbour is better. The caller finds out the values:
//   while (auto next = descent.next()) descent.learn(*next, co_await value(*next));
class Descent {
 public:
  // first: moves to the first better neighbour, looking in random order; best: looks at all first.
  enum class Move { first, best };

  Descent(const Space& space, Known start, const std::string& neighbourhood, Move move,
          std::mt19937_64& random);

  std::optional<Configuration> next();
  void learn(const Configuration& configuration, double value);
  // Where it stands; a local optimum once next() has no more.
  const Known& at() const { return at_; }

 private:
  void look_around();

  const Space& space_;
  std::mt19937_64& random_;
  std::string neighbourhood_;
  Move move_;
  Known at_;
  Known found_;  // the best neighbour so far; better than at_ or equal to it
  std::vector<Configuration> to_see_;
};

// Options of whatever descends.
OptionSpec move_option(const std::string& default_value);
Descent::Move parse_move(const std::string& name);

}  // namespace kbench
