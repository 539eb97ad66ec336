#pragma once

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/options.hpp"
#include "core/registry.hpp"
#include "search/space.hpp"

namespace kbench {

// What a strategy learns of one configuration it asked for.
struct Observation {
  Configuration configuration;
  std::optional<double> value;  // to minimise (ns); none: it failed
};

// Decides what to try next. Deterministic from its seed and the observations it was told, in ask
// order.
class Strategy {
 public:
  virtual ~Strategy() = default;
  // The next configuration, not asked before; none when the space is exhausted.
  virtual std::optional<Configuration> ask() = 0;
  // Told in ask order, a fixed number of asks late (the pipeline's depth).
  virtual void tell(const Observation& observation) = 0;
};

struct StrategyFactory {
  std::string help;
  std::vector<OptionSpec> options;
  // `space` outlives the strategy.
  std::unique_ptr<Strategy> (*make)(const Space& space, const Options& options, uint64_t seed);
};
Registry<StrategyFactory>& strategies();

}  // namespace kbench
