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
      FreshStart start(memory(), samples_);
      while (auto next = start.next()) start.learn(*next, co_await value(*next));
      Descent descent(space(), start.at(), neighbourhood_, move_, random());
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
