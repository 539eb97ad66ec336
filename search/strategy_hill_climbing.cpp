#include "search/descent.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

// Downhill from random configurations, again and again.
class HillClimbing : public Walks {
 public:
  HillClimbing(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed),
        neighbourhood_(options.text("neighbourhood")),
        move_(parse_move(options.text("move"))),
        samples_(options.integer("samples")) {}

 private:
  Walk walk() override {
    for (;;) {
      Known start{memory().fresh(), 0};
      start.value = co_await value(start.configuration);
      for (int64_t i = 1; i < samples_; ++i) {
        Known rival{memory().fresh(), 0};
        rival.value = co_await value(rival.configuration);
        if (rival.value < start.value) start = rival;
      }
      Descent descent(space(), start, neighbourhood_, move_, random());
      while (auto next = descent.next()) descent.learn(*next, co_await value(*next));
    }
  }

  std::string neighbourhood_;
  Descent::Move move_;
  int64_t samples_;
};

const bool kRegistered = strategies().add(
    "hill_climbing",
    {.help = "downhill from random configurations until no neighbour is better, then anew",
     .options = {neighbourhood_option("hamming"), move_option("first"), samples_option()},
     .make = construct<HillClimbing>});

}  // namespace
}  // namespace kbench
