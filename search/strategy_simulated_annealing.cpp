#include <cmath>

#include "search/moves.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

// Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983): steps to random neighbours, uphill
// with a chance that shrinks with the temperature. Times are compared as log ratios, so that a
// temperature means the same for every kernel. Each cycle starts from the best so far.
class SimulatedAnnealing : public Walks {
 public:
  SimulatedAnnealing(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed),
        neighbourhood_(options.text("neighbourhood")),
        start_(options.number("start")),
        end_(options.number("end")),
        steps_(options.integer("steps")),
        samples_(options.integer("samples")) {}

 private:
  Walk walk() override {
    FreshStart start(memory(), samples_);
    while (auto next = start.next()) start.learn(*next, co_await value(*next));
    Known at = start.at();
    for (;;) {
      for (int64_t step = 0; step < steps_; ++step) {
        const double share = static_cast<double>(step) / static_cast<double>(steps_);
        const double temperature = start_ * std::pow(end_ / start_, share);
        Known next{step_from(at.configuration), 0};
        next.value = co_await value(next.configuration);
        if (accepts(at.value, next.value, temperature)) at = next;
      }
      if (memory().best()) at = *memory().best();
    }
  }

  Configuration step_from(const Configuration& from) {
    auto near = neighbourhood(space(), from, neighbourhood_);
    return near.empty() ? memory().fresh() : near[draw(random(), near.size())];
  }

  bool accepts(double from, double to, double temperature) {
    if (!(to > from)) return true;
    return std::isfinite(to) && draw_real(random()) < std::exp(-std::log(to / from) / temperature);
  }

  std::string neighbourhood_;
  double start_, end_;
  int64_t steps_, samples_;
};

const bool kRegistered = strategies().add(
    "simulated_annealing",
    {.help = "steps to random neighbours, uphill ever more seldom as it cools",
     .options = {neighbourhood_option("hamming"),
                 {"start", "0.3", "temperature at first, of log time ratios", 1e-6, 100, {}},
                 {"end", "0.01", "temperature at last", 1e-6, 100, {}},
                 {"steps", "100", "of a cycle, after which it is hot again", 1, 1000000, {}},
                 samples_option()},
     .make = construct<SimulatedAnnealing>});

}  // namespace
}  // namespace kbench
