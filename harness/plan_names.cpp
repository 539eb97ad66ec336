#include "harness/plan_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "harness/header_line.hpp"

namespace kbench {
namespace {

// The dtype a kernel's `dtype` line speaks of: that of the variant's first floating-point tensor,
// or of its first tensor where none is.
DType main_dtype(const Task& task, const Variant& variant) {
  for (const TensorSpec& tensor : task.tensors) {
    const DType dtype = variant.dtypes.at(tensor.name);
    if (is_floating(dtype)) return dtype;
  }
  return variant.dtypes.at(task.tensors.front().name);
}

Result<const Variant*> supported_variant(const KernelFile& kernel, const Task& task,
                                         const Problem& problem) {
  if (kernel.task != task.name) {
    return bad_input(fmt::format("the kernel is for task {}, not {}", kernel.task, task.name),
                     kernel.name);
  }
  const Variant* variant = task.variant(problem.variant);
  if (variant == nullptr) {
    std::vector<std::string> known;
    for (const Variant& each : task.variants) known.push_back(each.name);
    return bad_input(fmt::format("task {} has no variant '{}'", task.name, problem.variant), {},
                     suggestion(problem.variant, known));
  }
  for (const TensorSpec& tensor : task.tensors) {
    if (!variant->dtypes.contains(tensor.name)) {
      return bad_input(fmt::format("variant {} of task {} gives {} no dtype", variant->name,
                                   task.name, tensor.name));
    }
  }
  const auto& dtypes = kernel.dtypes;
  const DType dtype = main_dtype(task, *variant);
  if (!dtypes.empty() && std::find(dtypes.begin(), dtypes.end(), dtype) == dtypes.end()) {
    return tl::unexpected(Error{
        ErrorKind::rejected, fmt::format("the kernel does not support {}", name_of(dtype)),
        kernel.name, fmt::format("variant {} of task {} needs it", variant->name, task.name)});
  }
  return variant;
}

void find_prepared(const KernelFile& kernel, std::vector<NamedPointer>& pointers, size_t first) {
  for (const Step& step : kernel.prepare) {
    for (const Argument& argument : step.arguments) {
      for (const Choice& choice : argument.choices) {
        for (size_t i = first; i < pointers.size(); ++i) {
          if (pointers[i].name == choice.name) pointers[i].prepared = true;
        }
      }
    }
  }
}

Result<void> add_buffers(const KernelFile& kernel, PlanNames& names) {
  const size_t first = names.pointers.size();
  for (const BufferSpec& buffer : kernel.buffers) {
    NamedPointer pointer{buffer.name, buffer.dtype, false, false, false, false};
    if (!buffer.like.empty()) {
      const auto like = names.find(buffer.like);
      if (!like || static_cast<size_t>(*like) >= first) {
        std::vector<std::string> known;
        for (size_t i = 0; i < first; ++i) known.push_back(names.pointers[i].name + "_t");
        return bad_input(fmt::format("no tensor has the type '{}_t'", buffer.like), buffer.where,
                         suggestion(buffer.like + "_t", known));
      }
      pointer.dtype = names.pointers[static_cast<size_t>(*like)].dtype;
    }
    names.pointers.push_back(pointer);
  }
  find_prepared(kernel, names.pointers, first);
  for (size_t i = first; i < names.pointers.size(); ++i) {
    const BufferSpec& buffer = kernel.buffers[i - first];
    if (names.pointers[i].prepared && buffer.zeroed) {
      return bad_input(
          fmt::format("buffer {} is written by 'prepare', '= 0' would erase it", buffer.name),
          buffer.where);
    }
  }
  return {};
}

// Names that the kernel declares and that would hide the task's.
Result<void> check_hiding(const KernelFile& kernel, const std::set<std::string>& of_task,
                          const std::vector<Step>& steps) {
  auto hides = [&](const std::string& name, const std::string& where) {
    return bad_input(fmt::format("'{}' is already a name of task {}", name, kernel.task), where,
                     "choose another name");
  };
  for (const BufferSpec& buffer : kernel.buffers) {
    if (of_task.contains(buffer.name)) return hides(buffer.name, buffer.where);
  }
  for (const Param& param : kernel.params) {
    if (of_task.contains(param.name)) {
      return hides(param.name, fmt::format("{}:{}", kernel.name, param.line));
    }
  }
  for (const auto& [name, unused] : kernel.defines) {
    if (of_task.contains(name)) return hides(name, kernel.name);
  }
  for (const Step& step : steps) {
    if (step.kind != Step::Kind::repeat) continue;
    if (of_task.contains(step.counter)) return hides(step.counter, step.where);
    if (auto inner = check_hiding(kernel, of_task, step.body); !inner) return inner;
  }
  return {};
}

Result<void> bind_integers(const KernelFile& kernel, const Problem& problem, const Bindings& device,
                           PlanNames& names) {
  names.integers = integers(names.params);
  names.integers.insert(device.begin(), device.end());
  for (const auto& [name, unused] : names.params) names.constants.push_back(name);
  for (const auto& [name, unused] : device) names.constants.push_back(name);
  names.integers.insert(problem.dims.begin(), problem.dims.end());
  for (const auto& [name, expression] : kernel.defines) {
    const auto value = expression.eval(names.integers);
    if (!value) return tl::unexpected(value.error());
    names.integers[name] = *value;
    names.constants.push_back(name);
  }
  return {};
}

}  // namespace

std::optional<int> PlanNames::find(std::string_view pointer) const {
  for (size_t i = 0; i < pointers.size(); ++i) {
    if (pointers[i].name == pointer) return static_cast<int>(i);
  }
  return std::nullopt;
}

std::vector<std::string> PlanNames::outputs() const {
  std::vector<std::string> found;
  for (const NamedPointer& pointer : pointers) {
    if (pointer.output) found.push_back(pointer.name);
  }
  return found;
}

Error PlanNames::unknown(const std::string& name, const std::string& where) const {
  std::vector<std::string> known;
  for (const NamedPointer& pointer : pointers) known.push_back(pointer.name);
  for (const ScalarSpec& scalar : scalars) known.push_back(scalar.name);
  for (const auto& [integer, unused] : integers) known.push_back(integer);
  known.insert(known.end(), counters.begin(), counters.end());
  return {ErrorKind::bad_input,
          fmt::format("'{}' is no tensor, buffer, scalar, dim or param", name), where,
          suggestion(name, known)};
}

Result<void> PlanNames::check_pointer(const Argument& argument, const NamedPointer& pointer) const {
  const bool of_task = !pointer.prepared && (pointer.input || pointer.output);
  if (preparing && of_task && !pointer.constant) {
    return bad_input(fmt::format("'prepare' cannot use {}", pointer.name), argument.where,
                     "it sees the task's constant tensors and buffers only");
  }
  return {};
}

Result<ResolvedArgument> PlanNames::resolve(const Argument& argument) const {
  using Kind = Argument::Kind;
  switch (argument.kind) {
    case Kind::integer64:
      return ResolvedArgument{Kind::integer64, "int64_t"};
    case Kind::float32:
      return ResolvedArgument{Kind::float32, "float"};
    case Kind::float64:
      return ResolvedArgument{Kind::float64, "double"};
    case Kind::local_bytes:
      return ResolvedArgument{Kind::local_bytes, "local"};
    default:
      break;
  }
  std::vector<const NamedPointer*> chosen;
  for (const Choice& choice : argument.choices) {
    if (const auto number = find(choice.name)) {
      chosen.push_back(&pointers[static_cast<size_t>(*number)]);
      if (auto checked = check_pointer(argument, *chosen.back()); !checked) {
        return tl::unexpected(checked.error());
      }
    }
  }
  if (chosen.empty()) {
    if (argument.choices.size() == 1) {
      const std::string& name = argument.choices[0].name;
      for (const ScalarSpec& scalar : scalars) {
        if (scalar.name != name) continue;
        return ResolvedArgument{Kind::scalar, std::string(cpp_name_of(scalar.dtype)), &scalar};
      }
      if (!integers.contains(name) && !contains(counters, name)) {
        return tl::unexpected(unknown(name, argument.where));
      }
    }
    return ResolvedArgument{Kind::integer32, "int"};
  }
  bool read_only = false;
  for (size_t i = 0; i < argument.choices.size(); ++i) {
    if (!find(argument.choices[i].name)) {
      return tl::unexpected(unknown(argument.choices[i].name, argument.where));
    }
    const NamedPointer& pointer = *chosen[i];
    read_only |= pointer.input || (pointer.prepared && !preparing);
    if (pointer.dtype != chosen[0]->dtype) {
      return bad_input(
          fmt::format("{} is {} and {} is {}: one argument has one type", chosen[0]->name,
                      name_of(chosen[0]->dtype), pointer.name, name_of(pointer.dtype)),
          argument.where);
    }
  }
  return ResolvedArgument{Kind::pointer, fmt::format("{}{}*", read_only ? "const " : "",
                                                     cpp_name_of(chosen[0]->dtype))};
}

Result<std::string> PlanNames::template_argument(const Expr& expression,
                                                 const std::string& where) const {
  const std::string& text = expression.text();
  if (is_identifier(text)) {
    if (const auto param = params.find(text); param != params.end()) return param->second;
    const bool known = integers.contains(text) || contains(counters, text);
    if (!known && !is_upper_name(text)) return text;  // a type: the compiler knows
  }
  for (const std::string& name : expression.names()) {
    if (contains(constants, name)) continue;
    const bool of_problem = integers.contains(name) || contains(counters, name);
    return bad_input(fmt::format("'{}' in the template argument '{}' is {}", name, text,
                                 of_problem ? "not known when the kernel is compiled" : "unknown"),
                     where,
                     of_problem ? fmt::format("a dim needs a line 'define NAME = {}'", name)
                                : suggestion(name, constants));
  }
  const auto value = expression.eval(integers);
  if (!value) return tl::unexpected(value.error());
  return std::to_string(*value);
}

Result<PlanNames> plan_names(const KernelFile& kernel, const Params& params, const Task& task,
                             const Problem& problem, const Bindings& device) {
  const auto variant = supported_variant(kernel, task, problem);
  if (!variant) return tl::unexpected(variant.error());
  PlanNames names;
  names.params = params;
  names.scalars = task.scalars;
  std::set<std::string> of_task;
  for (const TensorSpec& tensor : task.tensors) {
    of_task.insert(tensor.name);
    names.pointers.push_back({tensor.name, (*variant)->dtypes.at(tensor.name), tensor.io == Io::in,
                              tensor.io == Io::out, tensor.constant, false});
  }
  for (const ScalarSpec& scalar : task.scalars) of_task.insert(scalar.name);
  for (const auto& [dim, unused] : problem.dims) of_task.insert(dim);
  if (auto checked = check_hiding(kernel, of_task, kernel.steps); !checked) {
    return tl::unexpected(checked.error());
  }
  if (auto added = add_buffers(kernel, names); !added) return tl::unexpected(added.error());
  if (auto bound = bind_integers(kernel, problem, device, names); !bound) {
    return tl::unexpected(bound.error());
  }
  return names;
}

}  // namespace kbench
