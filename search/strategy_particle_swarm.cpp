#include "search/moves.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

// Particle swarm (Kennedy and Eberhart 1995) over positions in the lists of values: each particle
// keeps part of its velocity and is drawn to its own best place and to everybody's.
class ParticleSwarm : public Walks {
 public:
  ParticleSwarm(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed, static_cast<size_t>(options.integer("particles"))),
        inertia_(options.number("inertia")),
        own_(options.number("own")),
        swarm_(options.number("swarm")) {}

 private:
  Walk walk() override {
    Configuration at = memory().fresh();
    Known best{at, 0};
    best.value = co_await value(at);
    std::vector<double> place = position(at, space()), velocity(at.size());
    for (double& speed : velocity) speed = (draw_real(random()) - 0.5) / 2;
    for (;;) {
      fly(place, velocity, best.configuration);
      at = repair(at_position(place, space()), at, space(), random());
      const double time = co_await value(at);
      if (time < best.value) best = {at, time};
    }
  }

  void fly(std::vector<double>& place, std::vector<double>& velocity, const Configuration& own) {
    const std::vector<double> to_own = position(own, space());
    const std::vector<double> to_swarm =
        memory().best() ? position(memory().best()->configuration, space()) : to_own;
    for (size_t p = 0; p < place.size(); ++p) {
      velocity[p] = inertia_ * velocity[p] + own_ * draw_real(random()) * (to_own[p] - place[p]) +
                    swarm_ * draw_real(random()) * (to_swarm[p] - place[p]);
      place[p] += velocity[p];
      if (place[p] >= 0 && place[p] < 1) continue;
      place[p] = place[p] < 0 ? 0 : 1 - 1e-9;  // it stays at the wall
      velocity[p] = 0;
    }
  }

  double inertia_, own_, swarm_;
};

const bool kRegistered =
    strategies().add("particle_swarm",
                     {.help = "particles drawn to their own best place and the swarm's",
                      .options = {{"particles", "20", "particles", 2, 1000, {}},
                                  {"inertia", "0.5", "part of the velocity that is kept", 0, 1, {}},
                                  {"own", "2", "pull of a particle's own best place", 0, 10, {}},
                                  {"swarm", "1", "pull of the swarm's best place", 0, 10, {}}},
                      .make = construct<ParticleSwarm>});

}  // namespace
}  // namespace kbench
