#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "search/strategy.hpp"

namespace kbench {

// Several kernels of one task searched as one campaign: a strategy each, and successive halving
// over them (Jamieson and Talwalkar 2016). Every kernel's default comes first; then rounds, in
// which each kernel left gets the same number of asks, after which the slower half leaves; rounds
// double.
class Race {
 public:
  struct Ask {
    size_t kernel = 0;
    Configuration configuration;
    Fidelity fidelity = {};  // as the strategy has it
  };

  // Spaces outlive the race.
  void enter(const Space& space, std::unique_ptr<Strategy> strategy);

  // None when every space is exhausted.
  std::optional<Ask> ask();
  void tell(size_t kernel, const Observation& observation);

 private:
  struct Entry {
    const Space* space;
    std::unique_ptr<Strategy> strategy;
    bool running = true;     // not out of the race
    bool exhausted = false;  // nothing left to ask
    int64_t asks_this_round = 0;
    double best;
  };

  std::optional<Configuration> next_of(Entry& entry);
  bool next_round();

  std::vector<Entry> entries_;
  size_t defaults_asked_ = 0;
  int64_t quota_ = 8;
};

}  // namespace kbench
