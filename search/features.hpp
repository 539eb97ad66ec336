#pragma once

#include <cstdint>
#include <vector>

#include "search/space.hpp"

namespace kbench {

// What models see of a configuration: small integers in order. One a param with a choice, its
// value's place in the list; another where a param's values are integers up to 32 or more that are
// not all powers of two: how many powers of two divide it, since hardware cares about that (warps,
// vector widths, banks, cache lines).
class Features {
 public:
  explicit Features(const Space& space);

  size_t count() const { return features_.size(); }
  // Codes of feature `f` are below this; at least 2.
  size_t codes(size_t f) const { return features_[f].codes; }
  // Whether feature `f` is the place of a param's value itself, not something derived from it.
  bool is_place(size_t f) const { return features_[f].is_place; }
  // A row of count() codes a configuration.
  std::vector<uint16_t> codes_of(const std::vector<Configuration>& configurations) const;

 private:
  struct Feature {
    size_t param = 0;
    std::vector<uint16_t> of_value;
    size_t codes = 0;
    bool is_place = false;
  };
  void add(size_t param, std::vector<uint16_t> of_value, bool is_place = false);

  std::vector<Feature> features_;
};

}  // namespace kbench
