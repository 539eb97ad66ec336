#include "search/moves.hpp"

#include <algorithm>
#include <cmath>

namespace kbench {

size_t differing(const Configuration& a, const Configuration& b) {
  size_t count = 0;
  for (size_t p = 0; p < a.size(); ++p) count += a[p] != b[p] ? 1 : 0;
  return count;
}

std::vector<Configuration> adjacent(const Space& space, const Configuration& from) {
  std::vector<Configuration> near;
  Configuration step = from;
  for (size_t p = 0; p < from.size(); ++p) {
    for (int direction : {-1, 1}) {
      int index = from[p] + direction;
      if (index < 0 || index >= static_cast<int>(space.params()[p].values.size())) continue;
      step[p] = static_cast<uint16_t>(index);
      if (space.valid(step)) near.push_back(step);
    }
    step[p] = from[p];
  }
  return near;
}

OptionSpec neighbourhood_option(const std::string& default_value) {
  return {"neighbourhood",
          default_value,
          "hamming: one param to any value; adjacent: to the next in its list",
          0,
          0,
          {"hamming", "adjacent"}};
}

std::vector<Configuration> neighbourhood(const Space& space, const Configuration& from,
                                         const std::string& name) {
  return name == "adjacent" ? adjacent(space, from) : space.neighbours(from);
}

OptionSpec samples_option() {
  return {"samples", "5", "random configurations, the best of which it starts from", 1, 1000, {}};
}

std::optional<Configuration> FreshStart::next() {
  if (left_ == 0) return std::nullopt;
  --left_;
  return memory_.fresh();
}

void FreshStart::learn(const Configuration& configuration, double value) {
  if (any_ && !(value < at_.value)) return;
  at_ = {configuration, value};
  any_ = true;
}

std::vector<size_t> free_params(const Space& space) {
  std::vector<size_t> free;
  for (size_t p = 0; p < space.params().size(); ++p) {
    if (space.params()[p].values.size() > 1) free.push_back(p);
  }
  return free;
}

Configuration repair(Configuration wanted, const Configuration& fallback, const Space& space,
                     std::mt19937_64& random) {
  std::vector<size_t> unlike;
  for (size_t p = 0; p < wanted.size(); ++p) {
    if (wanted[p] != fallback[p]) unlike.push_back(p);
  }
  shuffle(unlike, random);
  for (size_t p : unlike) {
    if (space.valid(wanted)) return wanted;
    wanted[p] = fallback[p];
  }
  return wanted;
}

Configuration perturb(const Configuration& from, int count, const Space& space,
                      std::mt19937_64& random) {
  std::vector<size_t> free = free_params(space);
  if (free.empty()) return from;
  Configuration wanted = from;
  for (int i = 0; i < count; ++i) {
    size_t p = free[draw(random, free.size())];
    wanted[p] = static_cast<uint16_t>(draw(random, space.params()[p].values.size()));
  }
  return repair(std::move(wanted), from, space, random);
}

std::vector<double> position(const Configuration& configuration, const Space& space) {
  std::vector<double> position(configuration.size());
  for (size_t p = 0; p < position.size(); ++p) {
    position[p] = (configuration[p] + 0.5) / static_cast<double>(space.params()[p].values.size());
  }
  return position;
}

Configuration at_position(const std::vector<double>& position, const Space& space) {
  Configuration nearest(position.size());
  for (size_t p = 0; p < position.size(); ++p) {
    auto count = static_cast<double>(space.params()[p].values.size());
    nearest[p] = static_cast<uint16_t>(std::clamp(std::floor(position[p] * count), 0.0, count - 1));
  }
  return nearest;
}

Crossover parse_crossover(const std::string& name) {
  if (name == "single_point") return Crossover::single_point;
  if (name == "two_point") return Crossover::two_point;
  return name == "uniform" ? Crossover::uniform : Crossover::disruptive_uniform;
}

Configuration cross(const Configuration& a, const Configuration& b, Crossover kind,
                    const Space& space, std::mt19937_64& random) {
  Configuration child = a;
  if (kind == Crossover::single_point || kind == Crossover::two_point) {
    size_t from = draw(random, a.size() + 1);
    size_t to = kind == Crossover::two_point ? draw(random, a.size() + 1) : a.size();
    if (from > to) std::swap(from, to);
    for (size_t p = from; p < to; ++p) child[p] = b[p];
  } else {
    size_t taken = 0;
    for (size_t p = 0; p < a.size(); ++p) {
      if (a[p] == b[p] || draw(random, 2) == 0) continue;
      child[p] = b[p];
      ++taken;
    }
    // Disruptive: at least half of what differs is exchanged.
    const size_t least = kind == Crossover::disruptive_uniform ? (differing(a, b) + 1) / 2 : 0;
    for (size_t p = 0; p < a.size() && taken < least; ++p) {
      if (child[p] == b[p]) continue;
      child[p] = b[p];
      ++taken;
    }
  }
  return repair(std::move(child), a, space, random);
}

std::vector<Configuration> latin_hypercube(size_t count, const Space& space,
                                           std::mt19937_64& random) {
  std::vector<Configuration> points(count, Configuration(space.params().size()));
  for (size_t p = 0; p < space.params().size(); ++p) {
    const size_t values = space.params()[p].values.size();
    std::vector<size_t> strata(count);
    for (size_t i = 0; i < count; ++i) strata[i] = i;
    shuffle(strata, random);
    for (size_t i = 0; i < count; ++i) {
      double place =
          (static_cast<double>(strata[i]) + draw_real(random)) / static_cast<double>(count);
      points[i][p] = static_cast<uint16_t>(place * static_cast<double>(values));
    }
  }
  for (Configuration& point : points) {
    if (!space.valid(point)) point = repair(point, space.sample(random), space, random);
  }
  return points;
}

}  // namespace kbench
