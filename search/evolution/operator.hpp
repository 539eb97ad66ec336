#pragma once

#include <functional>
#include <random>

#include "core/registry.hpp"
#include "search/evolution/selection.hpp"

namespace kbench {

// What an operator may build on.
struct Scene {
  const Members& members;
  const std::vector<size_t>& pool;  // fastest first; empty: there is nothing to start from
  const std::vector<ForeignKernel>& foreign;
  const ParentSelection& selection;
  std::mt19937_64& random;
};

// A kind of step. Its prompt is the part of its name.
struct Operator {
  std::string help;
  double weight = 0;  // where --operators is not given
  // The step; none: not possible now. Null: it follows from others (a repair, a plan's step).
  std::optional<Turn> (*begin)(const Scene& scene) = nullptr;
};
Registry<Operator>& operators();

// By name, 0: never.
using OperatorWeights = std::map<std::string, double>;
// "write:1,improve:3": all others are 0, but `repair`, which is 1 unless it is named. Empty: the
// defaults.
Result<OperatorWeights> parse_operators(const std::string& text);

// A step from a member.
Turn turn_from(const Scene& scene, const char* name, size_t member);

}  // namespace kbench
