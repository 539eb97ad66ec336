#pragma once

#include <cstdint>
#include <vector>

#include "search/space.hpp"

namespace kbench {

// What models see of a configuration: small integers in order. One a param with a choice, its
// value's place in the list; one more where a param's integers differ in how many powers of two
// divide them, since hardware cares about that (warps, vector widths, banks, cache lines).
class Features {
 public:
  explicit Features(const Space& space);

  size_t count() const { return features_.size(); }
  // Codes of feature `f` are below this; at least 2.
  size_t codes(size_t f) const { return features_[f].codes; }
  uint16_t code(size_t f, const Configuration& configuration) const {
    return features_[f].of_value[configuration[features_[f].param]];
  }

 private:
  struct Feature {
    size_t param = 0;
    std::vector<uint16_t> of_value;
    size_t codes = 0;
  };
  std::vector<Feature> features_;
};

}  // namespace kbench
