#include "search/configuration_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "core/text.hpp"

namespace kbench {
namespace {

// 16 bytes an edge. What needs more ties nearly all axes together, and no search visits it all.
constexpr size_t kMostEdges = size_t{1} << 24;
constexpr size_t kMostVisits = size_t{1} << 26;
constexpr uint64_t kMostConfigurations = uint64_t{1} << 62;

// A constraint with the place of each name's value.
struct BoundConstraint {
  const Expr* expression = nullptr;
  std::vector<int> axes;        // per name: the axis, or -1
  std::vector<int64_t> values;  // per name: the fixed value, or room for the axis's
};

}  // namespace

class TreeBuilder {
 public:
  TreeBuilder(const std::vector<Axis>& axes, const Bindings& fixed)
      : axes_(axes),
        fixed_(fixed),
        choice_(axes.size()),
        chosen_(axes.size()),
        checks_(axes.size()),
        levels_(axes.size()) {}

  Result<ConfigurationTree> build(const std::vector<Constraint>& constraints) {
    bool possible = true;
    for (const Constraint& constraint : constraints) {
      auto bound = bind(constraint);
      if (!bound) return tl::unexpected(bound.error());
      possible = possible && *bound;
    }
    find_live_axes();
    tree_.levels_ = axes_.size();
    tree_.nodes_ = {{0, 0, 1}};  // the leaf
    const auto root = possible ? node(0) : Result<uint32_t>(kDead);
    if (!root) return tl::unexpected(root.error());
    if (*root == kDead) {
      tree_.nodes_.push_back({});
      tree_.root_ = static_cast<uint32_t>(tree_.nodes_.size() - 1);
    } else {
      tree_.root_ = *root;
    }
    return std::move(tree_);
  }

 private:
  static constexpr uint32_t kLeaf = 0, kDead = UINT32_MAX;

  struct Key {
    std::array<uint64_t, 2> words{};
    bool operator==(const Key&) const = default;
  };
  struct HashKey {
    size_t operator()(const Key& key) const {
      uint64_t mixed = (key.words[0] ^ key.words[1] * 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
      return mixed ^ mixed >> 29;
    }
  };
  struct Level {
    std::vector<size_t> live;  // earlier axes that constraints of this and later levels depend on
    bool shared = false;       // whether several prefixes agree in them: worth remembering nodes
    std::unordered_map<Key, uint32_t, HashKey> known;
    std::vector<ConfigurationTree::Edge> edges;  // of the node under construction
  };

  Result<bool> bind(const Constraint& constraint);
  void find_live_axes();
  std::optional<Key> key(const Level& level) const;
  Result<bool> holds(BoundConstraint& constraint);
  Result<bool> allowed(size_t level);
  Result<uint32_t> node(size_t level);
  Result<uint32_t> finish_node(Level& level);

  const std::vector<Axis>& axes_;
  const Bindings& fixed_;
  std::vector<uint16_t> choice_;                      // per axis: the index of its value
  std::vector<int64_t> chosen_;                       // and the value
  std::vector<std::vector<BoundConstraint>> checks_;  // per level: constraints bound there
  std::vector<Level> levels_;
  ConfigurationTree tree_;
  size_t visits_ = 0;
};

// Puts a constraint on the level of its last axis; one without axes is evaluated at once.
Result<bool> TreeBuilder::bind(const Constraint& constraint) {
  BoundConstraint bound{&constraint.expression, {}, {}};
  int last = -1;
  for (const std::string& name : constraint.expression.names()) {
    const auto axis = std::find_if(axes_.begin(), axes_.end(),
                                   [&](const Axis& each) { return each.name == name; });
    if (axis == axes_.end()) {
      const auto value = fixed_.find(name);
      if (value == fixed_.end()) {
        std::vector<std::string> known;
        for (const Axis& each : axes_) known.push_back(each.name);
        for (const auto& [each, unused] : fixed_) known.push_back(each);
        return bad_input(fmt::format("unknown name '{}' in the constraint '{}'", name,
                                     constraint.expression.text()),
                         fmt::format("line {}", constraint.line), suggestion(name, known));
      }
      bound.axes.push_back(-1);
      bound.values.push_back(value->second);
      continue;
    }
    if (std::any_of(axis->values.begin(), axis->values.end(), [](auto& v) { return !v; })) {
      return bad_input(fmt::format("the constraint '{}' uses {}, whose values are not all integers",
                                   constraint.expression.text(), name),
                       fmt::format("line {}", constraint.line));
    }
    last = std::max(last, static_cast<int>(axis - axes_.begin()));
    bound.axes.push_back(static_cast<int>(axis - axes_.begin()));
    bound.values.push_back(0);
  }
  if (last < 0) return holds(bound);
  checks_[static_cast<size_t>(last)].push_back(std::move(bound));
  return true;
}

void TreeBuilder::find_live_axes() {
  std::vector<bool> live(axes_.size(), false);
  for (size_t level = axes_.size(); level-- > 0;) {
    for (const BoundConstraint& constraint : checks_[level]) {
      for (const int axis : constraint.axes) {
        if (axis >= 0) live[static_cast<size_t>(axis)] = true;
      }
    }
    for (size_t axis = 0; axis < level; ++axis) {
      if (live[axis]) {
        levels_[level].live.push_back(axis);
      } else if (axes_[axis].values.size() > 1) {
        levels_[level].shared = true;
      }
    }
  }
}

// The live choices as one number in mixed radix; none when it does not fit 128 bits.
std::optional<TreeBuilder::Key> TreeBuilder::key(const Level& level) const {
  Key key;
  __extension__ unsigned __int128 number = 0;
  __extension__ const unsigned __int128 limit = ~static_cast<unsigned __int128>(0) >> 16;
  for (const size_t axis : level.live) {
    if (number > limit) return std::nullopt;
    number = number * axes_[axis].values.size() + choice_[axis];
  }
  key.words = {static_cast<uint64_t>(number), static_cast<uint64_t>(number >> 64)};
  return key;
}

Result<bool> TreeBuilder::holds(BoundConstraint& constraint) {
  for (size_t i = 0; i < constraint.axes.size(); ++i) {
    const int axis = constraint.axes[i];
    if (axis >= 0) constraint.values[i] = chosen_[static_cast<size_t>(axis)];
  }
  const auto value = constraint.expression->eval(std::span<const int64_t>(constraint.values));
  if (value) return *value != 0;
  Error error = value.error();
  std::string at;
  for (size_t i = 0; i < constraint.axes.size(); ++i) {
    at += fmt::format("{}{} = {}", i == 0 ? "" : ", ", constraint.expression->names()[i],
                      constraint.values[i]);
  }
  error.hint = "at " + at;
  return tl::unexpected(std::move(error));
}

Result<bool> TreeBuilder::allowed(size_t level) {
  for (BoundConstraint& constraint : checks_[level]) {
    auto held = holds(constraint);
    if (!held || !*held) return held;
  }
  return true;
}

// The node for the choices made so far, its subtree included.
Result<uint32_t> TreeBuilder::node(size_t level) {
  if (level == axes_.size()) return kLeaf;
  Level& here = levels_[level];
  const std::optional<Key> remembered = here.shared ? key(here) : std::nullopt;
  if (remembered) {
    if (const auto found = here.known.find(*remembered); found != here.known.end()) {
      return found->second;
    }
  }
  here.edges.clear();
  uint64_t size = 0;
  const Axis& axis = axes_[level];
  for (size_t i = 0; i < axis.values.size(); ++i) {
    if (++visits_ > kMostVisits) {
      return bad_input("the space is too large to count", {},
                       "its constraints tie too many params together; use fewer values");
    }
    choice_[level] = static_cast<uint16_t>(i);
    chosen_[level] = axis.values[i].value_or(0);
    const auto fits = allowed(level);
    if (!fits) return tl::unexpected(fits.error());
    if (!*fits) continue;
    auto child = node(level + 1);
    if (!child) return child;
    if (*child == kDead) continue;
    here.edges.push_back({size, *child, static_cast<uint16_t>(i)});
    size += tree_.nodes_[*child].size;
    if (size > kMostConfigurations) return bad_input("the space has more than 2^62 configurations");
  }
  auto made = here.edges.empty() ? Result<uint32_t>(kDead) : finish_node(here);
  if (made && remembered) here.known.emplace(*remembered, *made);
  return made;
}

Result<uint32_t> TreeBuilder::finish_node(Level& level) {
  auto& edges = tree_.edges_;
  if (edges.size() + level.edges.size() > kMostEdges) {
    return bad_input("the space is too large to hold", {},
                     "its constraints tie too many params together; use fewer values");
  }
  const auto& last = level.edges.back();
  const uint64_t size = last.before + tree_.nodes_[last.child].size;
  const auto first = static_cast<uint32_t>(edges.size());
  edges.insert(edges.end(), level.edges.begin(), level.edges.end());
  tree_.nodes_.push_back({first, static_cast<uint32_t>(edges.size()), size});
  return static_cast<uint32_t>(tree_.nodes_.size() - 1);
}

Result<ConfigurationTree> ConfigurationTree::build(const std::vector<Axis>& axes,
                                                   const std::vector<Constraint>& constraints,
                                                   const Bindings& fixed) {
  return TreeBuilder(axes, fixed).build(constraints);
}

ConfigurationTree ConfigurationTree::of_rows(const std::vector<std::vector<uint16_t>>& sorted,
                                             size_t levels) {
  ConfigurationTree tree;
  tree.levels_ = levels;
  tree.nodes_ = {{0, 0, 1}};  // the leaf
  tree.root_ = tree.add_rows(sorted, 0, sorted.size(), 0);
  return tree;
}

// The node of the rows [first, end), which agree in the axes before `level`.
uint32_t ConfigurationTree::add_rows(const std::vector<std::vector<uint16_t>>& sorted, size_t first,
                                     size_t end, size_t level) {
  if (level == levels_) return 0;
  std::vector<Edge> edges;
  for (size_t row = first; row < end;) {
    size_t next = row;
    while (next < end && sorted[next][level] == sorted[row][level]) ++next;
    edges.push_back({row - first, add_rows(sorted, row, next, level + 1), sorted[row][level]});
    row = next;
  }
  Node node{static_cast<uint32_t>(edges_.size()), 0, end - first};
  edges_.insert(edges_.end(), edges.begin(), edges.end());
  node.end = static_cast<uint32_t>(edges_.size());
  nodes_.push_back(node);
  return static_cast<uint32_t>(nodes_.size() - 1);
}

uint64_t ConfigurationTree::size() const {
  return nodes_[root_].size;
}

std::vector<uint16_t> ConfigurationTree::at(uint64_t index) const {
  std::vector<uint16_t> configuration;
  configuration.reserve(levels_);
  const Node* node = &nodes_[root_];
  while (configuration.size() < levels_) {
    const auto begin = edges_.begin() + node->first, end = edges_.begin() + node->end;
    const auto after = std::upper_bound(
        begin, end, index, [](uint64_t wanted, const Edge& edge) { return wanted < edge.before; });
    const Edge& edge = *(after - 1);
    index -= edge.before;
    configuration.push_back(edge.value);
    node = &nodes_[edge.child];
  }
  return configuration;
}

std::optional<uint64_t> ConfigurationTree::index_of(
    const std::vector<uint16_t>& configuration) const {
  if (configuration.size() != levels_) return std::nullopt;
  const Node* node = &nodes_[root_];
  uint64_t index = 0;
  for (const uint16_t value : configuration) {
    const auto begin = edges_.begin() + node->first, end = edges_.begin() + node->end;
    const auto edge = std::lower_bound(
        begin, end, value, [](const Edge& each, uint16_t wanted) { return each.value < wanted; });
    if (edge == end || edge->value != value) return std::nullopt;
    index += edge->before;
    node = &nodes_[edge->child];
  }
  return index;
}

}  // namespace kbench
