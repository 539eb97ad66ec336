#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "harness/kernel_file.hpp"

namespace kbench {

std::string canonical(const Params& params) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : params) parts.push_back(name + "=" + value);
  return join(parts, ",");
}

Bindings integers(const Params& params) {
  Bindings bindings;
  for (const auto& [name, value] : params) {
    if (value == "true" || value == "false") {
      bindings[name] = value == "true" ? 1 : 0;
    } else if (const auto number = parse_integer(value)) {
      bindings[name] = *number;
    }
  }
  return bindings;
}

Params KernelFile::defaults() const {
  Params chosen;
  for (const Param& param : params) chosen[param.name] = param.values[param.default_index];
  return chosen;
}

Result<Params> complete_params(const KernelFile& kernel, const Params& chosen) {
  Params complete = kernel.defaults();
  for (const auto& [name, value] : chosen) {
    const auto param = std::find_if(kernel.params.begin(), kernel.params.end(),
                                    [&](const Param& p) { return p.name == name; });
    if (param == kernel.params.end()) {
      std::vector<std::string> known;
      for (const Param& p : kernel.params) known.push_back(p.name);
      return bad_input(fmt::format("{} has no param '{}'", kernel.name, name), {},
                       suggestion(name, known));
    }
    if (std::find(param->values.begin(), param->values.end(), value) == param->values.end()) {
      return bad_input(fmt::format("'{}' is not a value of {}", value, name),
                       fmt::format("{}:{}", kernel.name, param->line),
                       suggestion(value, param->values));
    }
    complete[name] = value;
  }
  return complete;
}

Result<bool> satisfies(const KernelFile& kernel, const Params& params, const Bindings& dims,
                       const Bindings& device) {
  Bindings names = integers(params);
  names.insert(dims.begin(), dims.end());
  names.insert(device.begin(), device.end());
  for (const Constraint& constraint : kernel.constraints) {
    const auto holds = constraint.expression.eval(names);
    if (!holds) return tl::unexpected(holds.error());
    if (*holds == 0) return false;
  }
  return true;
}

}  // namespace kbench
