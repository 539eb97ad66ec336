#pragma once

#include <cstddef>
#include <random>
#include <unordered_map>
#include <vector>

#include "search/strategy.hpp"

namespace kbench {

struct ConfigurationHash {
  size_t operator()(const Configuration& configuration) const;
};

// A configuration with its value; infinity: it failed.
struct Known {
  Configuration configuration;
  double value = 0;
};

// What was asked and told so far, and an endless supply of configurations that were not.
class Memory {
 public:
  Memory(const Space& space, uint64_t seed) : space_(space), random_(seed) {}

  const Space& space() const { return space_; }
  std::mt19937_64& random() { return random_; }

  bool asked(const Configuration& configuration) const { return states_.contains(configuration); }
  size_t asked_count() const { return states_.size(); }
  // Null while it was not told.
  const double* value(const Configuration& configuration) const;
  // Told ones in the order they came.
  const std::vector<Known>& told() const { return told_; }
  // Null before the first success.
  const Known* best() const;

  void ask(const Configuration& configuration);
  void tell(const Observation& observation);

  // Uniform among those not asked; none when the space is exhausted.
  std::optional<Configuration> unseen();
  // The same, or any configuration at all when the space is exhausted.
  Configuration fresh();

 private:
  static constexpr size_t kOpen = SIZE_MAX;

  const Space& space_;
  std::mt19937_64 random_;
  std::unordered_map<Configuration, size_t, ConfigurationHash> states_;  // index in told_, or kOpen
  std::vector<Known> told_;
  size_t best_ = kOpen;
  // A Fisher-Yates shuffle of [0, size) that stores only what it has moved.
  std::unordered_map<uint64_t, uint64_t> moved_;
  uint64_t drawn_ = 0;
};

// Uniform integer in [0, count) and real in [0, 1); the standard library's distributions differ
// between implementations, and a seed should give the same path everywhere.
uint64_t draw(std::mt19937_64& random, uint64_t count);
double draw_real(std::mt19937_64& random);

template <class T>
void shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[draw(random, i)]);
}

}  // namespace kbench
