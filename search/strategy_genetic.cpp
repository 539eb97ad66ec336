#include <algorithm>

#include "search/moves.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

// Steady-state genetic algorithm: each member in turn has one child, which takes the place of the
// worst when it is better. (Generations would leave a pipeline empty at each of their ends.)
class Genetic : public Walks {
 public:
  Genetic(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed),
        size_(static_cast<size_t>(options.integer("population"))),
        tournament_(options.integer("tournament")),
        mutation_(options.number("mutation")),
        crossover_(parse_crossover(options.text("crossover"))) {}

 private:
  Walk walk() override {
    for (;;) {
      Configuration child = population_.size() < size_ ? memory().fresh() : breed();
      double time = co_await value(child);
      admit({child, time});
    }
  }

  const Configuration& parent() {
    const Known* best = nullptr;
    for (int64_t i = 0; i < tournament_; ++i) {
      const Known& rival = population_[draw(random(), population_.size())];
      if (!best || rival.value < best->value) best = &rival;
    }
    return best->configuration;
  }

  Configuration breed() {
    Configuration child = cross(parent(), parent(), crossover_, space(), random());
    // Always changed when it exists already: an answer known costs no evaluation but teaches
    // nothing.
    bool mutate = memory().asked(child) || draw_real(random()) < mutation_;
    for (int i = 0; mutate && i < 10; ++i, mutate = memory().asked(child)) {
      child = perturb(child, 1, space(), random());
    }
    return child;
  }

  void admit(Known child) {
    auto same = [&](const Known& member) { return member.configuration == child.configuration; };
    if (std::any_of(population_.begin(), population_.end(), same)) return;
    population_.push_back(std::move(child));
    if (population_.size() <= size_) return;
    auto slower = [](const Known& a, const Known& b) { return a.value < b.value; };
    population_.erase(std::max_element(population_.begin(), population_.end(), slower));
  }

  size_t size_;
  int64_t tournament_;
  double mutation_;
  Crossover crossover_;
  std::vector<Known> population_;
};

const bool kRegistered = strategies().add(
    "genetic",
    {.help = "genetic algorithm over params and flags: tournament, crossover, mutation",
     .options = {{"population", "20", "members", 2, 1000, {}},
                 {"tournament", "3", "rivals for each place as a parent", 1, 100, {}},
                 {"mutation", "0.3", "chance that a child has one param drawn anew", 0, 1, {}},
                 {"crossover",
                  "uniform",
                  "how two parents mix",
                  0,
                  0,
                  {"single_point", "two_point", "uniform", "disruptive_uniform"}}},
     .make = construct<Genetic>});

}  // namespace
}  // namespace kbench
