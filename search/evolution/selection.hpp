#pragma once

#include <functional>
#include <memory>
#include <random>

#include "core/options.hpp"
#include "core/registry.hpp"
#include "search/evolution/member.hpp"

namespace kbench {

// Which of several measured kernels the next step starts from. Deterministic from the generator.
class ParentSelection {
 public:
  virtual ~ParentSelection() = default;
  // One of `pool`, which is never empty and has the fastest first.
  virtual size_t choose(const Members& members, const std::vector<size_t>& pool,
                        std::mt19937_64& random) const = 0;
};

struct ParentSelectionKind {
  std::string help;
  std::vector<OptionSpec> options;
  std::unique_ptr<ParentSelection> (*make)(const Options& options);
};
Registry<ParentSelectionKind>& selections();

// An index drawn by weight; all of them 0: the first.
size_t draw_weighted(const std::vector<double>& weights, std::mt19937_64& random);

}  // namespace kbench
