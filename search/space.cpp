#include "search/space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "core/text.hpp"
#include "search/configuration_tree.hpp"

namespace kbench {
namespace {

std::vector<Axis> axes_of(const std::vector<Param>& params) {
  std::vector<Axis> axes;
  axes.reserve(params.size());
  for (const Param& param : params) {
    Axis axis{param.name, {}};
    for (const std::string& value : param.values) {
      const Bindings number = integers({{param.name, value}});
      axis.values.push_back(number.empty() ? std::nullopt : std::optional(number.begin()->second));
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

// A smallest set of constraints that no configuration satisfies: each is left out in turn and stays
// out where the rest still contradict each other.
Error contradiction(const std::vector<Axis>& axes, std::vector<Constraint> constraints,
                    const Bindings& fixed) {
  for (size_t i = 0; i < constraints.size();) {
    auto fewer = constraints;
    fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(i));
    const auto tree = ConfigurationTree::build(axes, fewer, fixed);
    if (tree && tree->size() == 0) {
      constraints = std::move(fewer);
    } else {
      ++i;
    }
  }
  std::vector<std::string> named;
  named.reserve(constraints.size());
  for (const Constraint& constraint : constraints) {
    named.push_back(fmt::format("'{}' (line {})", constraint.expression.text(), constraint.line));
  }
  return {ErrorKind::bad_input,
          "no configuration satisfies " + join(named, " and "),
          {},
          "widen a param's values or the constraint"};
}

}  // namespace

struct Space::State {
  std::vector<Param> params;
  ConfigurationTree tree;
};

Result<Space> Space::build(const KernelFile& kernel, const Bindings& dims, const Bindings& device) {
  Bindings fixed = device;
  fixed.insert(dims.begin(), dims.end());
  auto space = build(kernel.params, kernel.constraints, fixed);
  if (!space && space.error().where.empty()) space.error().where = kernel.name;
  return space;
}

Result<Space> Space::build(std::vector<Param> params, std::vector<Constraint> constraints,
                           const Bindings& fixed) {
  const std::vector<Axis> axes = axes_of(params);
  for (const Param& param : params) {
    if (param.values.empty() || param.values.size() > std::numeric_limits<uint16_t>::max()) {
      return bad_input(fmt::format("param {} has {} values", param.name, param.values.size()),
                       fmt::format("line {}", param.line), "1 to 65535 are possible");
    }
  }
  auto tree = ConfigurationTree::build(axes, constraints, fixed);
  if (!tree) return tl::unexpected(tree.error());
  if (tree->size() == 0) return tl::unexpected(contradiction(axes, std::move(constraints), fixed));
  Space space;
  space.state_ = std::make_shared<const State>(State{std::move(params), std::move(*tree)});
  return space;
}

Result<Space> Space::of_rows(std::vector<Param> params, std::vector<Configuration> rows) {
  std::sort(rows.begin(), rows.end());
  if (rows.empty()) return bad_input("the space has no configuration");
  if (std::adjacent_find(rows.begin(), rows.end()) != rows.end()) {
    return bad_input("the space has a configuration twice");
  }
  auto tree = ConfigurationTree::of_rows(rows, params.size());
  Space space;
  space.state_ = std::make_shared<const State>(State{std::move(params), std::move(tree)});
  return space;
}

const std::vector<Param>& Space::params() const {
  return state_->params;
}

uint64_t Space::raw_size() const {
  uint64_t product = 1;
  for (const Param& param : params()) {
    if (__builtin_mul_overflow(product, param.values.size(), &product)) return UINT64_MAX;
  }
  return product;
}

uint64_t Space::size() const {
  return state_->tree.size();
}

Configuration Space::at(uint64_t index) const {
  return state_->tree.at(index);
}

std::optional<uint64_t> Space::index_of(const Configuration& configuration) const {
  return state_->tree.index_of(configuration);
}

bool Space::valid(const Configuration& configuration) const {
  return index_of(configuration).has_value();
}

Configuration Space::sample(std::mt19937_64& random) const {
  // Rejection under the next power of two: uniform, and the same with every standard library.
  const uint64_t mask = std::bit_ceil(size()) - 1;
  uint64_t index = random() & mask;
  while (index >= size()) index = random() & mask;
  return at(index);
}

Configuration Space::defaults() const {
  Configuration configuration;
  for (const Param& param : params()) {
    configuration.push_back(static_cast<uint16_t>(param.default_index));
  }
  return configuration;
}

std::vector<Configuration> Space::neighbours(const Configuration& configuration) const {
  std::vector<Configuration> found;
  Configuration other = configuration;
  for (size_t axis = 0; axis < params().size(); ++axis) {
    for (size_t value = 0; value < params()[axis].values.size(); ++value) {
      other[axis] = static_cast<uint16_t>(value);
      if (value != configuration[axis] && valid(other)) found.push_back(other);
    }
    other[axis] = configuration[axis];
  }
  return found;
}

Params Space::to_params(const Configuration& configuration) const {
  Params chosen;
  for (size_t axis = 0; axis < params().size(); ++axis) {
    chosen[params()[axis].name] = params()[axis].values[configuration[axis]];
  }
  return chosen;
}

Result<Configuration> Space::from_params(const Params& chosen) const {
  Configuration configuration = defaults();
  std::vector<std::string> names;
  for (const Param& param : params()) names.push_back(param.name);
  for (const auto& [name, value] : chosen) {
    const auto axis = std::find(names.begin(), names.end(), name);
    if (axis == names.end()) {
      return bad_input(fmt::format("the space has no param '{}'", name), {},
                       suggestion(name, names));
    }
    const auto index = static_cast<size_t>(axis - names.begin());
    const auto& values = params()[index].values;
    const auto found = std::find(values.begin(), values.end(), value);
    if (found == values.end()) {
      return bad_input(fmt::format("'{}' is not a value of {}", value, name), {},
                       suggestion(value, values));
    }
    configuration[index] = static_cast<uint16_t>(found - values.begin());
  }
  return configuration;
}

}  // namespace kbench
