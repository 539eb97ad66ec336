#include "search/memory.hpp"

namespace kbench {
namespace {

// Uniform over the valid configurations, without repeats: what every other strategy has to beat.
class Random : public Strategy {
 public:
  Random(const Space& space, const Options&, uint64_t seed) : memory_(space, seed) {}
  std::optional<Configuration> ask() override {
    auto pick = memory_.unseen();
    if (pick) memory_.ask(*pick);
    return pick;
  }
  void tell(const Observation&) override {}

 private:
  Memory memory_;
};

const bool kRegistered =
    strategies().add("random", {.help = "uniform over the valid configurations, without repeats",
                                .options = {},
                                .make = construct<Random>});

}  // namespace
}  // namespace kbench
