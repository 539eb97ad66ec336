#include "search/evolution/selection.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/memory.hpp"

namespace kbench {

Registry<ParentSelectionKind>& selections() {
  static Registry<ParentSelectionKind> registry("selection");
  return registry;
}

size_t draw_weighted(const std::vector<double>& weights, std::mt19937_64& random) {
  double left = draw_real(random) * std::accumulate(weights.begin(), weights.end(), 0.0);
  for (size_t i = 0; i < weights.size(); ++i) {
    if ((left -= weights[i]) < 0) return i;
  }
  return 0;
}

namespace {

class Greedy final : public ParentSelection {
 public:
  size_t choose(const Members&, const std::vector<size_t>& pool, std::mt19937_64&) const override {
    return pool.front();
  }
};

// The k-th fastest with weight k^-exponent.
class PowerLaw final : public ParentSelection {
 public:
  explicit PowerLaw(const Options& options) : exponent_(options.number("exponent")) {}
  size_t choose(const Members&, const std::vector<size_t>& pool,
                std::mt19937_64& random) const override {
    std::vector<double> weights;
    for (size_t k = 1; k <= pool.size(); ++k) {
      weights.push_back(std::pow(static_cast<double>(k), -exponent_));
    }
    return pool[draw_weighted(weights, random)];
  }

 private:
  double exponent_;
};

// The fastest of a few drawn ones.
class Tournament final : public ParentSelection {
 public:
  explicit Tournament(const Options& options) : size_(options.integer("size")) {}
  size_t choose(const Members&, const std::vector<size_t>& pool,
                std::mt19937_64& random) const override {
    uint64_t best = pool.size();
    for (int64_t i = 0; i < size_; ++i) best = std::min(best, draw(random, pool.size()));
    return pool[best];
  }

 private:
  int64_t size_;
};

// Fast ones, but the less often the more steps have started from them: weight
// (fastest / its time)^sharpness / (1 + steps).
class OffspringPenalised final : public ParentSelection {
 public:
  explicit OffspringPenalised(const Options& options) : sharpness_(options.number("sharpness")) {}
  size_t choose(const Members& members, const std::vector<size_t>& pool,
                std::mt19937_64& random) const override {
    std::vector<double> weights;
    for (const size_t i : pool) {
      const double speed = members[pool.front()].ns / members[i].ns;
      weights.push_back(std::pow(speed, sharpness_) /
                        static_cast<double>(1 + members[i].offspring));
    }
    return pool[draw_weighted(weights, random)];
  }

 private:
  double sharpness_;
};

bool dominates(const Member& a, const Member& b) {
  bool better = false;
  for (size_t s = 0; s < std::min(a.shapes_ns.size(), b.shapes_ns.size()); ++s) {
    if (a.shapes_ns[s] > b.shapes_ns[s]) return false;
    better |= a.shapes_ns[s] < b.shapes_ns[s];
  }
  return better;
}

// Any of those that no other beats on every shape.
class Pareto final : public ParentSelection {
 public:
  size_t choose(const Members& members, const std::vector<size_t>& pool,
                std::mt19937_64& random) const override {
    std::vector<size_t> front;
    for (const size_t i : pool) {
      if (std::none_of(pool.begin(), pool.end(),
                       [&](size_t j) { return dominates(members[j], members[i]); })) {
        front.push_back(i);
      }
    }
    return front[draw(random, front.size())];
  }
};

template <class T>
std::unique_ptr<ParentSelection> made(const Options&) {
  return std::make_unique<T>();
}
template <class T>
std::unique_ptr<ParentSelection> made_with(const Options& options) {
  return std::make_unique<T>(options);
}

const bool kGreedy = selections().add("greedy", {"the fastest", {}, made<Greedy>});
const bool kPowerLaw =
    selections().add("power_law", {"the k-th fastest with weight 1/k^exponent",
                                   {{"exponent", "1", "preference for fast ones", 0, 10, {}}},
                                   made_with<PowerLaw>});
const bool kTournament = selections().add("tournament", {"the fastest of a few drawn ones",
                                                         {{"size", "3", "drawn", 1, 100, {}}},
                                                         made_with<Tournament>});
const bool kOffspringPenalised = selections().add(
    "offspring_penalised", {"fast ones from which few steps have started",
                            {{"sharpness", "2", "preference for fast ones", 0, 20, {}}},
                            made_with<OffspringPenalised>});
const bool kPareto = selections().add(
    "pareto", {"any that no other beats on every shape (--also)", {}, made<Pareto>});

}  // namespace

}  // namespace kbench
