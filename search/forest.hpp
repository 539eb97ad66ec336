#pragma once

#include <cstdint>
#include <random>

#include "search/features.hpp"
#include "search/surrogate.hpp"

namespace kbench {

// Random forest (Breiman 2001) over features; the trees' disagreement is the variance (Hutter,
// Hoos and Leyton-Brown 2011). A fit grows as many trees anew, oldest first, as a fixed amount of
// work allows: each new observation enters some of them at once.
class Forest : public Surrogate {
 public:
  Forest(const Space& space, uint64_t seed, size_t trees = 40);

  void fit(const Training& training) override;
  std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const override;

 private:
  struct Node {
    uint16_t feature = 0;
    uint16_t at_most = 0;  // left when the code is at most this
    uint32_t left = 0;     // 0: a leaf; the right child follows the left
    float mean = 0;
    float variance = 0;  // of a leaf's targets
  };
  using Tree = std::vector<Node>;

  struct Split {
    double gain = 0;
    uint16_t feature = 0, at_most = 0;
  };
  // Some rows' targets.
  struct Share {
    double sum = 0;
    size_t count = 0;
  };
  Tree grow(const std::vector<double>& targets);
  Split best_split(const std::vector<double>& targets, const uint32_t* rows, size_t count);

  Features features_;
  std::mt19937_64 random_;
  size_t count_, oldest_ = 0;
  std::vector<Tree> trees_;
  std::vector<uint16_t> codes_;     // of the training, a row a configuration
  std::vector<Share> of_code_;      // of one feature, kept to save allocations
  std::vector<double> inverse_{0};  // of a count: divisions take long
};

}  // namespace kbench
