#pragma once

#include "search/memory.hpp"
#include "search/surrogate.hpp"
#include "search/targets.hpp"

namespace kbench {

// Search guided by a model: a spread-out start, then the candidate with the largest expected
// improvement among random ones and the neighbours of the best, from where it climbs. Some asks
// stay next to the best, so that the end of a search is not lost; of the others half count only a
// gain beyond a margin: on a plateau small gains never end, and a search that takes each of them
// stays there. Once enough is told, these look elsewhere instead, where most params differ from the
// best: what is near to it promises the most and never runs out. Where there is a second opinion,
// another model decides these: what one is wrong about far from the best the other may see.
class SurrogateSearch : public Strategy {
 public:
  static std::vector<OptionSpec> option_specs();

  SurrogateSearch(const Space& space, uint64_t seed, const Options& options,
                  std::unique_ptr<Surrogate> model, std::unique_ptr<Surrogate> second = nullptr);

  std::optional<Configuration> ask() override;
  void tell(const Observation& observation) override;

 private:
  // Where an ask looks, and what it must beat.
  struct Look {
    size_t centres = 0;         // the best so many, whose neighbours are candidates
    size_t random = 0;          // candidates beside those
    size_t least_distance = 0;  // in params, to the best
    double best = 0;            // a target
  };

  std::optional<Configuration> choose();
  Look next_look();
  // None where there is nothing open to look at.
  std::optional<Configuration> most_promising(const Look& look);
  std::vector<double> promise_of(const std::vector<Configuration>& candidates, double best) const;
  std::vector<Configuration> candidates(const Look& look);
  std::vector<Configuration> open_neighbours(const Configuration& configuration,
                                             const Look& look) const;
  // Not asked yet, and far enough from the best.
  bool open(const Configuration& configuration, const Look& look) const;

  Memory memory_;
  std::unique_ptr<Surrogate> model_, second_;  // no second: null
  Surrogate* asked_ = nullptr;                 // the one that decides this ask
  Targets targets_;
  size_t candidates_, training_;
  double margin_;
  int64_t local_every_, elsewhere_every_, asks_ = 0;
  std::vector<Configuration> start_;  // the last is next
};

}  // namespace kbench
