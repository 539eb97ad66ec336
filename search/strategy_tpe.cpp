#include <algorithm>
#include <cmath>

#include "search/moves.hpp"

namespace kbench {
namespace {

// How often each value of each param occurred, spread a little to its neighbours in the list, over
// a uniform prior that counts as one observation.
class Density {
 public:
  explicit Density(const Space& space) {
    for (const Param& param : space.params()) {
      const size_t values = param.values.size();
      weights_.emplace_back(values, 1 / static_cast<double>(values));
    }
  }
  void add(const Configuration& configuration) {
    for (size_t p = 0; p < configuration.size(); ++p) {
      const size_t value = configuration[p], last = weights_[p].size() - 1;
      weights_[p][value] += 1 - 2 * kSpread;
      weights_[p][value > 0 ? value - 1 : value] += kSpread;
      weights_[p][value < last ? value + 1 : value] += kSpread;
    }
    ++count_;
  }
  double log_of(const Configuration& configuration) const {
    double sum = 0;
    for (size_t p = 0; p < configuration.size(); ++p) {
      sum += std::log(weights_[p][configuration[p]] / count_);
    }
    return sum;
  }
  Configuration draw_from(std::mt19937_64& random) const {
    Configuration drawn(weights_.size());
    for (size_t p = 0; p < drawn.size(); ++p) {
      double left = draw_real(random) * count_;
      for (; drawn[p] + 1u < weights_[p].size(); ++drawn[p]) {
        left -= weights_[p][drawn[p]];
        if (left < 0) break;
      }
    }
    return drawn;
  }

 private:
  static constexpr double kSpread = 0.1;
  std::vector<std::vector<double>> weights_;
  double count_ = 1;
};

// Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kegl 2011): one density of the
// good configurations and one of the others, param by param; the next is drawn from the first and
// is the most typical of it.
class Tpe : public Strategy {
 public:
  Tpe(const Space& space, const Options& options, uint64_t seed)
      : memory_(space, seed),
        good_(options.number("good")),
        candidates_(options.integer("candidates")),
        start_(latin_hypercube(static_cast<size_t>(options.integer("initial")), space,
                               memory_.random())) {}

  std::optional<Configuration> ask() override {
    auto next = choose();
    if (next) memory_.ask(*next);
    return next;
  }
  void tell(const Observation& observation) override { memory_.tell(observation); }

 private:
  std::optional<Configuration> choose() {
    while (!start_.empty()) {
      Configuration next = std::move(start_.back());
      start_.pop_back();
      if (!memory_.asked(next)) return next;
    }
    if (!memory_.best()) return memory_.unseen();
    Density good(memory_.space()), bad(memory_.space());
    divide(good, bad);
    std::optional<Configuration> best;
    double most = -INFINITY;
    for (int64_t i = 0; i < candidates_; ++i) {
      Configuration candidate =
          repair(good.draw_from(memory_.random()), memory_.best()->configuration, memory_.space(),
                 memory_.random());
      if (memory_.asked(candidate)) continue;
      const double promise = good.log_of(candidate) - bad.log_of(candidate);
      if (promise > most) {
        most = promise;
        best = std::move(candidate);
      }
    }
    return best ? best : memory_.unseen();
  }

  void divide(Density& good, Density& bad) const {
    std::vector<const Known*> ranked;
    for (const Known& known : memory_.told()) ranked.push_back(&known);
    const size_t count = std::clamp<size_t>(
        static_cast<size_t>(std::ceil(good_ * static_cast<double>(ranked.size()))), 1, kMostGood);
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const Known* a, const Known* b) { return a->value < b->value; });
    for (size_t i = 0; i < ranked.size(); ++i) {
      (i < count ? good : bad).add(ranked[i]->configuration);
    }
  }

  static constexpr size_t kMostGood = 25;
  Memory memory_;
  double good_;
  int64_t candidates_;
  std::vector<Configuration> start_;  // the last is next
};

const bool kRegistered = strategies().add(
    "tpe",
    {.help = "tree-structured Parzen estimator: densities of good and bad values, param by param",
     .options =
         {{"initial", "10", "spread-out configurations at the start", 1, 1000, {}},
          {"good", "0.15", "share of the observations taken for good, at most 25", 0.01, 0.9, {}},
          {"candidates", "50", "drawn from the good ones' density an ask", 1, 10000, {}}},
     .make = construct<Tpe>});

}  // namespace
}  // namespace kbench
