#include "search/moves.hpp"

namespace kbench {
namespace {

// Latin hypercubes one after another: in each, every value of a param occurs equally often.
class LatinHypercube : public Strategy {
 public:
  LatinHypercube(const Space& space, const Options& options, uint64_t seed)
      : memory_(space, seed), points_(static_cast<size_t>(options.integer("points"))) {}

  std::optional<Configuration> ask() override {
    if (planned_.empty()) planned_ = latin_hypercube(points_, memory_.space(), memory_.random());
    std::optional<Configuration> next = std::move(planned_.back());
    planned_.pop_back();
    if (memory_.asked(*next)) next = memory_.unseen();
    if (next) memory_.ask(*next);
    return next;
  }
  void tell(const Observation& observation) override { memory_.tell(observation); }

 private:
  Memory memory_;
  size_t points_;
  std::vector<Configuration> planned_;  // the last is next
};

const bool kRegistered = strategies().add(
    "latin_hypercube",
    {.help = "random, but every value of a param equally often",
     .options = {{"points", "100", "of one hypercube, after which the next begins", 1, 100000, {}}},
     .make = construct<LatinHypercube>});

}  // namespace
}  // namespace kbench
