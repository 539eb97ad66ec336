#include "search/forest.hpp"

#include <algorithm>

#include "search/memory.hpp"

namespace kbench {
namespace {

constexpr size_t kSmallestLeaf = 2;
// Rows times trees a fit: about 1.5 ms.
constexpr size_t kWork = 4000;
// Added to the variance so that a leaf all trees agree on is not taken for certain.
constexpr double kDoubt = 1e-4;

}  // namespace

Forest::Forest(const Space& space, uint64_t seed, size_t trees)
    : features_(space), random_(seed), count_(trees) {}

void Forest::fit(const Training& training) {
  codes_ = features_.codes_of(training.configurations);
  for (size_t n = inverse_.size(); n <= training.targets.size(); ++n) {
    inverse_.push_back(1 / static_cast<double>(n));
  }
  size_t fresh = std::clamp<size_t>(kWork / training.targets.size(), 2, count_);
  while (trees_.size() < count_) {
    trees_.push_back(grow(training.targets));
    if (fresh > 0) --fresh;
  }
  for (; fresh > 0; --fresh) {
    trees_[oldest_] = grow(training.targets);
    oldest_ = (oldest_ + 1) % count_;
  }
}

Forest::Tree Forest::grow(const std::vector<double>& targets) {
  const size_t n = targets.size();
  std::vector<uint32_t> rows(n);
  for (uint32_t& row : rows) row = static_cast<uint32_t>(draw(random_, n));  // a bootstrap sample
  struct Task {
    uint32_t node;
    size_t first, count;
  };
  Tree tree(1);
  std::vector<Task> open{{0, 0, n}};
  while (!open.empty()) {
    const Task task = open.back();
    open.pop_back();
    uint32_t* begin = rows.data() + task.first;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < task.count; ++i) {
      const double target = targets[begin[i]];
      sum += target;
      squares += target * target;
    }
    const double mean = sum / static_cast<double>(task.count);
    tree[task.node].mean = static_cast<float>(mean);
    tree[task.node].variance =
        static_cast<float>(std::max(0.0, squares / static_cast<double>(task.count) - mean * mean));
    if (task.count < 2 * kSmallestLeaf) continue;
    const Split split = best_split(targets, begin, task.count);
    if (split.gain <= 1e-9) continue;
    uint32_t* middle = std::partition(begin, begin + task.count, [&](uint32_t row) {
      return codes_[row * features_.count() + split.feature] <= split.at_most;
    });
    const auto left = static_cast<uint32_t>(tree.size());
    tree[task.node].feature = split.feature;
    tree[task.node].at_most = split.at_most;
    tree[task.node].left = left;
    tree.resize(tree.size() + 2);
    const auto left_count = static_cast<size_t>(middle - begin);
    open.push_back({left, task.first, left_count});
    open.push_back({left + 1, task.first + left_count, task.count - left_count});
  }
  return tree;
}

// Largest drop of the squared error over a random part of the features.
Forest::Split Forest::best_split(const std::vector<double>& targets, const uint32_t* rows,
                                 size_t count) {
  Split best;
  double total = 0;
  for (size_t i = 0; i < count; ++i) total += targets[rows[i]];
  const double together = total * total * inverse_[count];
  for (size_t f = 0; f < features_.count(); ++f) {
    if (draw(random_, 6) == 0) continue;
    const size_t codes = features_.codes(f);
    of_code_.assign(codes, {});
    for (size_t i = 0; i < count; ++i) {
      Share& share = of_code_[codes_[rows[i] * features_.count() + f]];
      share.sum += targets[rows[i]];
      ++share.count;
    }
    Share left;
    for (size_t code = 0; code + 1 < codes; ++code) {
      const Share& share = of_code_[code];
      if (share.count == 0) continue;
      left.sum += share.sum;
      left.count += share.count;
      if (left.count == count) break;
      const double right = total - left.sum;
      const double gain = left.sum * left.sum * inverse_[left.count] +
                          right * right * inverse_[count - left.count] - together;
      if (gain > best.gain) {
        best = {gain, static_cast<uint16_t>(f), static_cast<uint16_t>(code)};
      }
    }
  }
  return best;
}

std::vector<Prediction> Forest::predict(const std::vector<Configuration>& candidates) const {
  std::vector<Prediction> predictions;
  predictions.reserve(candidates.size());
  const auto trees = static_cast<double>(trees_.size());
  const std::vector<uint16_t> codes = features_.codes_of(candidates);
  for (size_t i = 0; i < candidates.size(); ++i) {
    const uint16_t* code = &codes[i * features_.count()];
    double sum = 0, squares = 0, within = 0;
    for (const Tree& tree : trees_) {
      const Node* node = tree.data();
      while (node->left) {
        node = tree.data() + node->left + (code[node->feature] > node->at_most ? 1 : 0);
      }
      sum += node->mean;
      squares += static_cast<double>(node->mean) * node->mean;
      within += node->variance;
    }
    const double mean = sum / trees;
    predictions.push_back(
        {mean, std::max(0.0, squares / trees - mean * mean) + within / trees + kDoubt});
  }
  return predictions;
}

}  // namespace kbench
