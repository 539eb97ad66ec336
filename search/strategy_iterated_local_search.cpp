#include "search/descent.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

// Iterated local search (Lourenco, Martin and Stutzle 2003): from a local optimum a kick of a few
// params, downhill again, and the better of the two optima stays. Anew where kicks lead nowhere.
class IteratedLocalSearch : public Walks {
 public:
  IteratedLocalSearch(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed),
        neighbourhood_(options.text("neighbourhood")),
        move_(parse_move(options.text("move"))),
        kick_(static_cast<int>(options.integer("kick"))),
        patience_(options.integer("patience")),
        samples_(options.integer("samples")) {}

 private:
  Walk walk() override {
    for (;;) {
      Known home{memory().fresh(), 0};
      home.value = co_await value(home.configuration);
      for (int64_t i = 1; i < samples_; ++i) {
        Known rival{memory().fresh(), 0};
        rival.value = co_await value(rival.configuration);
        if (rival.value < home.value) home = rival;
      }
      for (int64_t in_vain = -1; in_vain < patience_;) {
        Known start = home;
        if (in_vain >= 0) {  // below: the first descent, which needs no kick
          start.configuration = perturb(home.configuration, kick_, space(), random());
          start.value = co_await value(start.configuration);
        }
        Descent descent(space(), start, neighbourhood_, move_, random());
        while (auto next = descent.next()) descent.learn(*next, co_await value(*next));
        in_vain = descent.at().value < home.value ? 0 : in_vain + 1;
        if (in_vain == 0) home = descent.at();
      }
    }
  }

  std::string neighbourhood_;
  Descent::Move move_;
  int kick_;
  int64_t patience_, samples_;
};

const bool kRegistered = strategies().add(
    "iterated_local_search",
    {.help = "hill climbing that goes on from kicked local optima",
     .options = {neighbourhood_option("hamming"),
                 move_option("first"),
                 {"kick", "3", "params drawn anew by a kick", 1, 100, {}},
                 {"patience", "10", "kicks in vain before it starts anew", 1, 10000, {}},
                 samples_option()},
     .make = construct<IteratedLocalSearch>});

}  // namespace
}  // namespace kbench
