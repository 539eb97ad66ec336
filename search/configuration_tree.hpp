#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/kernel_file.hpp"

namespace kbench {

// One axis of a space, its values as integers where they are such.
struct Axis {
  std::string name;
  std::vector<std::optional<int64_t>> values;
};

// All valid configurations as a decision diagram: level k decides axis k, an edge is a value, a
// path to the leaf a configuration, and equal subtrees are one node. Two prefixes have equal
// subtrees when they agree in the axes that constraints still to come depend on, so the diagram is
// built without visiting every configuration, counts are exact, and every query takes O(axes)
// steps. (Layered multi-valued decision diagrams: Bryant 1986 for the binary case.)
class ConfigurationTree {
 public:
  // A constraint is checked as soon as its last axis is bound. Fails where a constraint does (its
  // own error), uses an unknown name or a value that is no integer, or where too many axes depend
  // on each other for the diagram to fit memory. `fixed` are values of other names.
  static Result<ConfigurationTree> build(const std::vector<Axis>& axes,
                                         const std::vector<Constraint>& constraints,
                                         const Bindings& fixed);

  // Exactly these configurations, sorted, each once, all as long as `levels`.
  static ConfigurationTree of_rows(const std::vector<std::vector<uint16_t>>& sorted, size_t levels);

  uint64_t size() const;
  // The configuration at `index` in lexicographic order; index < size().
  std::vector<uint16_t> at(uint64_t index) const;
  std::optional<uint64_t> index_of(const std::vector<uint16_t>& configuration) const;
  // Memory of the diagram, for tests and curiosity.
  size_t edges() const { return edges_.size(); }

 private:
  friend class TreeBuilder;
  struct Edge {
    uint64_t before;  // configurations under the edges of this node that come before
    uint32_t child;
    uint16_t value;
  };
  struct Node {
    uint32_t first = 0;  // its edges, ascending by value
    uint32_t end = 0;
    uint64_t size = 0;  // configurations under it
  };
  uint32_t add_rows(const std::vector<std::vector<uint16_t>>& sorted, size_t first, size_t end,
                    size_t level);

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  uint32_t root_ = 0;
  size_t levels_ = 0;
};

}  // namespace kbench
