#include <algorithm>
#include <cmath>
#include <numbers>

#include "search/line_search.hpp"
#include "search/moves.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

constexpr double kVisit = 2.62, kAccept = -5;

double draw_normal(std::mt19937_64& random) {
  const double radius = std::sqrt(-2 * std::log(1 - draw_real(random)));
  return radius * std::cos(2 * std::numbers::pi * draw_real(random));
}

// A step of generalised simulated annealing (Tsallis and Stariolo 1996): mostly short, with a tail
// so heavy that long ones never die out; shorter as it cools.
double visit(double temperature, std::mt19937_64& random) {
  const double q = kVisit, power = 1 / (q - 1) - 0.5;
  const double wide = std::sqrt(std::numbers::pi) * std::pow(temperature, 1 / (q - 1)) *
                      std::pow(q - 1, 4 - q) / (std::pow(2, (2 - q) / (q - 1)) * (3 - q));
  const double narrow = std::numbers::pi * (1 - power) /
                        (std::sin(std::numbers::pi * (1 - power)) * std::tgamma(2 - power));
  const double deviation = std::pow(narrow / wide, -(q - 1) / (3 - q));
  const double tail = std::pow(std::abs(draw_normal(random)), (q - 1) / (3 - q));
  return std::clamp(deviation * draw_normal(random) / tail, -1e8, 1e8);
}

// Dual annealing (Xiang, Sun, Fan and Gong 1997): generalised annealing, and wherever it finds
// something better a local search: lines along each param.
class DualAnnealing : public Walks {
 public:
  DualAnnealing(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed),
        hot_(options.number("temperature")),
        restart_(options.number("restart")),
        free_(free_params(space)) {}

 private:
  Walk walk() override {
    for (;;) {
      Known at{memory().fresh(), 0};
      at.value = co_await value(at.configuration);
      Known best = at;
      double temperature = hot_;
      for (double cycle = 1; temperature > restart_ * hot_; ++cycle) {
        temperature = hot_ * (std::pow(2, kVisit - 1) - 1) / (std::pow(cycle + 1, kVisit - 1) - 1);
        bool better = cycle == 1;
        for (size_t step = 0; step < 2 * free_.size(); ++step) {
          Known next{step_from(at.configuration, step, temperature), 0};
          next.value = co_await value(next.configuration);
          if (accepts(at.value, next.value, temperature / cycle)) at = next;
          if (next.value >= best.value) continue;
          best = next;
          better = true;
        }
        if (!better) continue;
        LineSearch local(space(), best, random());
        while (auto next = local.next()) local.learn(*next, co_await value(*next));
        at = best = local.at();
      }
    }
  }

  // First every param moves at once, then one after the other.
  Configuration step_from(const Configuration& from, size_t step, double temperature) {
    std::vector<double> to = position(from, space());
    for (size_t i = 0; i < free_.size(); ++i) {
      if (step >= free_.size() && i != step - free_.size()) continue;
      double& place = to[free_[i]];
      place += visit(temperature, random());
      place -= std::floor(place);  // what leaves on one side comes in on the other
    }
    return repair(at_position(to, space()), from, space(), random());
  }

  bool accepts(double from, double to, double temperature) {
    if (!(to > from)) return true;
    if (!std::isfinite(to)) return false;
    const double base = 1 - (1 - kAccept) * std::log(to / from) / temperature;
    return base > 0 && draw_real(random()) < std::pow(base, 1 / (1 - kAccept));
  }

  double hot_, restart_;
  std::vector<size_t> free_;
};

const bool kRegistered = strategies().add(
    "dual_annealing",
    {.help = "annealing with long jumps, and a local search wherever it finds something better",
     .options = {{"temperature", "50", "at first", 1e-6, 1e9, {}},
                 {"restart",
                  "2e-5",
                  "share of the first temperature at which it starts anew",
                  1e-12,
                  1,
                  {}}},
     .make = construct<DualAnnealing>});

}  // namespace
}  // namespace kbench
