#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/options.hpp"
#include "core/registry.hpp"
#include "harness/task.hpp"

namespace kbench {

// Random bits by counter: element i of stream `key` is hash(key, i), so any element can be made
// alone, in any order, and neighbouring elements in vector registers. Same bytes on every machine.
struct RandomStream {
  uint64_t key = 0;

  uint32_t bits(int64_t i) const;
  // Uniform in [0, n).
  int64_t below(int64_t i, int64_t n) const;
  // out[j] = bits(first + j).
  void fill(int64_t first, int64_t count, uint32_t* out) const;
  // An independent stream for a part of the same tensor.
  RandomStream derive(uint64_t part) const;
};

// One tensor a generator fills.
struct FillTarget {
  std::string name;
  TensorShape shape;
  void* data = nullptr;
};

// What a generator gets: the tensors of its rule in the rule's order, its options and the stream.
struct FillRequest {
  std::vector<FillTarget> targets;
  Options options;
  RandomStream random;
  const Bindings* dims = nullptr;
};

// A way to fill tensors, registered by name (docs/task.md lists them).
struct FillGenerator {
  std::string help;
  int targets = 1;  // how many tensors a rule names: 1, or 3 for csr
  std::vector<OptionSpec> options;
  Result<void> (*fill)(const FillRequest& request) = nullptr;
};
Registry<FillGenerator>& fill_generators();

}  // namespace kbench
