#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/options.hpp"
#include "core/registry.hpp"
#include "search/space.hpp"

namespace kbench {

// What a strategy learns of one configuration.
struct Observation {
  Configuration configuration;
  std::optional<double> value;  // to minimise (ns); none: it failed
  // `value` and what else the campaign minimises (search/objectives.hpp); empty: nothing else.
  std::vector<double> objectives = {};
};

// Which part of a full measurement an ask wants.
struct Fidelity {
  double samples = 1;    // the share of a screen's samples, (0, 1]
  bool smaller = false;  // on the campaign's smaller problem
};

// Decides what to try next. Deterministic from its seed and the observations it was told, in ask
// order.
class Strategy {
 public:
  virtual ~Strategy() = default;
  // The next configuration, not asked before (but see `fidelity`); none when the space is
  // exhausted.
  virtual std::optional<Configuration> ask() = 0;
  // Told in ask order, a fixed number of asks late (the pipeline's depth). May be told of
  // configurations it never asked for (a kernel's default, results of an earlier run) and learns
  // from them as well.
  virtual void tell(const Observation& observation) = 0;
  // What the last ask wants. One that wants parts asks for a configuration again, for more samples,
  // once it was told of fewer.
  virtual Fidelity fidelity() const { return {}; }
};

struct StrategyFactory {
  std::string help;
  std::vector<OptionSpec> options;
  // `space` outlives the strategy.
  std::unique_ptr<Strategy> (*make)(const Space& space, const Options& options, uint64_t seed);
  bool in_parts = false;  // asks for parts of measurements
};
Registry<StrategyFactory>& strategies();

// The usual `make`: a class constructed from the three.
template <class T>
std::unique_ptr<Strategy> construct(const Space& space, const Options& options, uint64_t seed) {
  return std::make_unique<T>(space, options, seed);
}

// By name, with options as the user gave them; near misses of either are named.
Result<std::unique_ptr<Strategy>> make_strategy(const std::string& name,
                                                const std::map<std::string, std::string>& given,
                                                const Space& space, uint64_t seed);

}  // namespace kbench
