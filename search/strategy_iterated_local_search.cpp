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
      FreshStart start(memory(), samples_);
      while (auto next = start.next()) start.learn(*next, co_await value(*next));
      Known home = start.at();
      for (int64_t in_vain = -1; in_vain < patience_;) {
        Known from = home;
        if (in_vain >= 0) {  // below: the first descent, which needs no kick
          from.configuration = perturb(home.configuration, kick_, space(), random());
          from.value = co_await value(from.configuration);
        }
        Descent descent(space(), from, neighbourhood_, move_, random());
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
