#include <algorithm>

#include "search/moves.hpp"
#include "search/pareto.hpp"

namespace kbench {
namespace {

// NSGA-II (Deb et al. 2002), steady state (Durillo et al. 2009): what nothing dominates survives,
// and of a front the lonely ones before the crowded. With time as the only objective it is a
// genetic algorithm.
class Nsga2 : public Strategy {
 public:
  Nsga2(const Space& space, const Options& options, uint64_t seed)
      : memory_(space, seed),
        size_(static_cast<size_t>(options.integer("population"))),
        mutation_(options.number("mutation")),
        crossover_(parse_crossover(options.text("crossover"))) {}

  std::optional<Configuration> ask() override {
    auto next = memory_.asked_count() < size_ || points_.empty() ? memory_.unseen() : breed();
    if (next) memory_.ask(*next);
    return next;
  }

  void tell(const Observation& observation) override {
    memory_.tell(observation);
    if (!observation.value) return;
    members_.push_back(observation.configuration);
    points_.push_back(observation.objectives);
    if (points_.back().empty()) points_.back() = {*observation.value};
    rank();
    if (members_.size() <= size_) return;
    size_t worst = 0;
    for (size_t i = 1; i < members_.size(); ++i) {
      if (better(worst, i)) worst = i;
    }
    const auto at = static_cast<std::ptrdiff_t>(worst);
    members_.erase(members_.begin() + at);
    points_.erase(points_.begin() + at);
    rank();
  }

 private:
  void rank() {
    fronts_ = front_of(points_);
    crowding_ = crowding(points_, fronts_);
  }
  bool better(size_t a, size_t b) const {
    return fronts_[a] != fronts_[b] ? fronts_[a] < fronts_[b] : crowding_[a] > crowding_[b];
  }
  const Configuration& parent() {
    const size_t a = draw(memory_.random(), members_.size());
    const size_t b = draw(memory_.random(), members_.size());
    return members_[better(a, b) ? a : b];
  }
  std::optional<Configuration> breed() {
    constexpr int kTries = 10;
    Configuration child = cross(parent(), parent(), crossover_, memory_.space(), memory_.random());
    bool mutate = memory_.asked(child) || draw_real(memory_.random()) < mutation_;
    for (int i = 0; mutate && i < kTries; ++i, mutate = memory_.asked(child)) {
      child = perturb(child, 1, memory_.space(), memory_.random());
    }
    return memory_.asked(child) ? memory_.unseen() : std::optional(std::move(child));
  }

  Memory memory_;
  size_t size_;
  double mutation_;
  Crossover crossover_;
  std::vector<Configuration> members_;
  std::vector<std::vector<double>> points_;  // of the members: time, then the other objectives
  std::vector<size_t> fronts_;
  std::vector<double> crowding_;
};

const bool kRegistered = strategies().add(
    "nsga2",
    {.help = "genetic algorithm for several objectives (`run --objectives`)",
     .options = {{"population", "30", "members", 2, 1000, {}},
                 {"mutation", "0.3", "chance that a child has one param drawn anew", 0, 1, {}},
                 {"crossover",
                  "uniform",
                  "how two parents mix",
                  0,
                  0,
                  {"single_point", "two_point", "uniform", "disruptive_uniform"}}},
     .make = construct<Nsga2>});

}  // namespace
}  // namespace kbench
