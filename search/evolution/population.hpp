#pragma once

#include <memory>

#include "core/options.hpp"
#include "core/registry.hpp"
#include "search/evolution/member.hpp"

namespace kbench {

// Which of the measured kernels a step may start from: all, those of an island, an archive.
class Population {
 public:
  virtual ~Population() = default;
  // The last member is new; `proposal`: whose it is, none for a starting kernel.
  virtual void add(const Members& members, std::optional<int64_t> proposal) = 0;
  // For this proposal, in any order; empty: it starts from nothing.
  virtual std::vector<size_t> pool(const Members& members, int64_t proposal) = 0;
};

struct PopulationKind {
  std::string help;
  std::vector<OptionSpec> options;
  std::unique_ptr<Population> (*make)(const Options& options);
};
Registry<PopulationKind>& populations();

}  // namespace kbench
