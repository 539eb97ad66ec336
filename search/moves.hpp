#pragma once

#include "search/memory.hpp"

namespace kbench {

// Steps through a space, shared by the strategies. Every configuration returned is valid.

// How many params differ.
size_t differing(const Configuration& a, const Configuration& b);

// Valid configurations that differ in one param by one step up or down in its list of values.
std::vector<Configuration> adjacent(const Space& space, const Configuration& from);

enum class Neighbourhood { hamming, adjacent };
// By name of the option "neighbourhood": "hamming" (one param, any value) or "adjacent".
OptionSpec neighbourhood_option(const std::string& default_value);
std::vector<Configuration> neighbourhood(const Space& space, const Configuration& from,
                                         const std::string& name);

// Option "samples" of walks that begin at the best of a few.
OptionSpec samples_option();

// The best of `count` configurations nobody has seen. The caller finds out the values:
//   while (auto next = start.next()) start.learn(*next, co_await value(*next));
class FreshStart {
 public:
  FreshStart(Memory& memory, int64_t count) : memory_(memory), left_(count) {}

  std::optional<Configuration> next();
  void learn(const Configuration& configuration, double value);
  const Known& at() const { return at_; }

 private:
  Memory& memory_;
  int64_t left_;
  bool any_ = false;
  Known at_;
};

// Params that have a choice at all.
std::vector<size_t> free_params(const Space& space);

// The valid configuration nearest to `wanted` that a few random repairs find: params are reset one
// by one to those of `fallback`, which is valid, until the constraints hold.
Configuration repair(Configuration wanted, const Configuration& fallback, const Space& space,
                     std::mt19937_64& random);

// `from` with `count` random params drawn anew, repaired.
Configuration perturb(const Configuration& from, int count, const Space& space,
                      std::mt19937_64& random);

// The indices nearest to a point of [0, 1]^params, as continuous methods move in, and back.
std::vector<double> position(const Configuration& configuration, const Space& space);
Configuration at_position(const std::vector<double>& position, const Space& space);

// Children of two parents, repaired towards `a`.
enum class Crossover { single_point, two_point, uniform, disruptive_uniform };
Crossover parse_crossover(const std::string& name);
Configuration cross(const Configuration& a, const Configuration& b, Crossover kind,
                    const Space& space, std::mt19937_64& random);

// Spread over the space: per param every value equally often, combined at random (McKay, Beckman
// and Conover 1979), invalid combinations repaired.
std::vector<Configuration> latin_hypercube(size_t count, const Space& space,
                                           std::mt19937_64& random);

}  // namespace kbench
