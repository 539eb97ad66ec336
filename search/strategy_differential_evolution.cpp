#include "search/moves.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

// Differential evolution (Storn and Price 1997) over positions in the lists of values: a member
// moves along the difference of two others and stays there if that is better.
class DifferentialEvolution : public Walks {
 public:
  DifferentialEvolution(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed, static_cast<size_t>(options.integer("population"))),
        towards_best_(options.text("base") == "best"),
        weight_(options.number("weight")),
        crossover_(options.number("crossover")) {}

 private:
  Walk walk() override {
    Known first{memory().fresh(), 0};
    first.value = co_await value(first.configuration);
    const size_t self = members_.size();
    members_.push_back(first);
    for (;;) {
      Known trial{trial_of(self), 0};
      trial.value = co_await value(trial.configuration);
      if (trial.value <= members_[self].value) members_[self] = trial;
    }
  }

  std::vector<double> any() {
    return position(members_[draw(random(), members_.size())].configuration, space());
  }

  Configuration trial_of(size_t self) {
    const Configuration& from = members_[self].configuration;
    std::vector<double> to = towards_best_ && memory().best()
                                 ? position(memory().best()->configuration, space())
                                 : any();
    const std::vector<double> plus = any(), minus = any(), stay = position(from, space());
    const size_t always = draw(random(), to.size());
    for (size_t p = 0; p < to.size(); ++p) {
      to[p] += weight_ * (plus[p] - minus[p]);
      if (p != always && draw_real(random()) >= crossover_) to[p] = stay[p];
    }
    return repair(at_position(to, space()), from, space(), random());
  }

  bool towards_best_;
  double weight_, crossover_;
  std::vector<Known> members_;
};

const bool kRegistered = strategies().add(
    "differential_evolution",
    {.help = "members move along differences of others",
     .options = {{"population", "20", "members", 4, 1000, {}},
                 {"base", "best", "what a difference is added to", 0, 0, {"best", "random"}},
                 {"weight", "0.7", "of a difference", 0, 2, {}},
                 {"crossover", "0.6", "chance that a param is taken from the sum", 0, 1, {}}},
     .make = construct<DifferentialEvolution>});

}  // namespace
}  // namespace kbench
