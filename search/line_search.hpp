#pragma once

#include <optional>
#include <vector>

#include "search/memory.hpp"

namespace kbench {

// Downhill along one param after the other, value by value as long as it gets better, until no line
// leads further down (the lines of Powell 1964). The caller finds out the values:
//   while (auto next = search.next()) search.learn(*next, co_await value(*next));
class LineSearch {
 public:
  LineSearch(const Space& space, Known start, std::mt19937_64& random);

  std::optional<Configuration> next();
  void learn(const Configuration& configuration, double value);
  // Where it stands; a local optimum once next() has no more.
  const Known& at() const { return at_; }

 private:
  struct Line {
    size_t param;
    int direction;
  };
  std::optional<Configuration> step(const Line& line) const;

  const Space& space_;
  std::mt19937_64& random_;
  Known at_;
  bool moved_ = true;        // since the lines were drawn up
  std::vector<Line> lines_;  // the last is under way
};

}  // namespace kbench
