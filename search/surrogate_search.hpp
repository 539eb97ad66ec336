#pragma once

#include "search/memory.hpp"
#include "search/surrogate.hpp"
#include "search/targets.hpp"

namespace kbench {

// Search guided by a model: a spread-out start, then the candidate with the largest expected
// improvement among random ones and the neighbours of the best, from where it climbs. Every other
// ask only a gain beyond a margin counts: on a plateau small gains never end, and a search that
// takes each of them stays there. Where there is a second opinion, another model decides the later
// ones of those: what one is wrong about the other may see.
class SurrogateSearch : public Strategy {
 public:
  static std::vector<OptionSpec> option_specs();

  SurrogateSearch(const Space& space, uint64_t seed, const Options& options,
                  std::unique_ptr<Surrogate> model, std::unique_ptr<Surrogate> second = nullptr);

  std::optional<Configuration> ask() override;
  void tell(const Observation& observation) override;

 private:
  std::optional<Configuration> choose();
  std::vector<double> promise_of(const std::vector<Configuration>& candidates, double best) const;
  Configuration climb(const std::vector<Configuration>& from, double best) const;
  // Not asked yet: the neighbours of the `centres` best and `random` others.
  std::vector<Configuration> candidates(size_t centres, size_t random);
  std::vector<Configuration> unasked_neighbours(const Configuration& configuration) const;

  Memory memory_;
  std::unique_ptr<Surrogate> model_, second_;  // no second: null
  Surrogate* asked_ = nullptr;                 // the one that decides this ask
  Targets targets_;
  size_t candidates_, training_;
  double margin_;
  int64_t local_every_, asks_ = 0;
  std::vector<Configuration> start_;  // the last is next
};

}  // namespace kbench
