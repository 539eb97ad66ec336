#include "search/strategy.hpp"

namespace kbench {

Registry<StrategyFactory>& strategies() {
  static Registry<StrategyFactory> registry("strategy");
  return registry;
}

Result<std::unique_ptr<Strategy>> make_strategy(const std::string& name,
                                                const std::map<std::string, std::string>& given,
                                                const Space& space, uint64_t seed) {
  auto factory = strategies().find(name);
  if (!factory) return tl::unexpected(factory.error());
  auto options = Options::parse((*factory)->options, given, "strategy '" + name + "'");
  if (!options) return tl::unexpected(options.error());
  return (*factory)->make(space, *options, seed);
}

}  // namespace kbench
