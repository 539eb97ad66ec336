#include <cmath>

#include "search/moves.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

// Firefly algorithm (Yang 2009) over positions in the lists of values: a firefly flies towards a
// brighter one, the less the farther that is, and wavers. Distances are a mean over the params, so
// that light reaches as far in a space of many.
class Firefly : public Walks {
 public:
  Firefly(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed, static_cast<size_t>(options.integer("fireflies"))),
        pull_(options.number("pull")),
        absorption_(options.number("absorption")),
        wavering_(options.number("wavering")) {}

 private:
  struct Fly {
    std::vector<double> place;
    Known at;
  };

  Walk walk() override {
    Known first{memory().fresh(), 0};
    first.value = co_await value(first.configuration);
    const size_t self = flies_.size();
    flies_.push_back({position(first.configuration, space()), first});
    for (;;) {
      std::vector<double> place = towards(flies_[self], brighter_than(self));
      Known next{
          repair(at_position(place, space()), flies_[self].at.configuration, space(), random()), 0};
      next.value = co_await value(next.configuration);
      flies_[self] = {std::move(place), next};
    }
  }

  // Any firefly that is brighter; the brightest looks at the best place known.
  std::vector<double> brighter_than(size_t self) {
    std::vector<const Fly*> brighter;
    for (const Fly& fly : flies_) {
      if (fly.at.value < flies_[self].at.value) brighter.push_back(&fly);
    }
    if (!brighter.empty()) return brighter[draw(random(), brighter.size())]->place;
    return memory().best() ? position(memory().best()->configuration, space()) : flies_[self].place;
  }

  std::vector<double> towards(const Fly& fly, const std::vector<double>& light) {
    std::vector<double> place = fly.place;
    double squared = 0;
    for (size_t p = 0; p < place.size(); ++p) squared += std::pow(light[p] - place[p], 2);
    const double pull =
        pull_ * std::exp(-absorption_ * squared / static_cast<double>(place.size()));
    for (size_t p = 0; p < place.size(); ++p) {
      place[p] += pull * (light[p] - place[p]) + wavering_ * (draw_real(random()) - 0.5);
      place[p] = std::fmin(std::fmax(place[p], 0), 1 - 1e-9);
    }
    return place;
  }

  double pull_, absorption_, wavering_;
  std::vector<Fly> flies_;
};

const bool kRegistered = strategies().add(
    "firefly",
    {.help = "fireflies that fly towards brighter ones and waver",
     .options = {{"fireflies", "20", "fireflies", 2, 1000, {}},
                 {"pull", "1", "of a brighter one that is near", 0, 10, {}},
                 {"absorption", "1", "how fast the pull fades with distance", 0, 100, {}},
                 {"wavering", "0.3", "random part of a move, of a param's range", 0, 2, {}}},
     .make = construct<Firefly>});

}  // namespace
}  // namespace kbench
