#include "harness/problem.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace kbench {

namespace {

template <class T>
std::vector<std::string> names_of(const std::vector<T>& list) {
  std::vector<std::string> names;
  for (const T& entry : list) names.push_back(entry.name);
  return names;
}

Result<void> set_field(const Task& task, Problem& problem, const std::string& name,
                       const std::string& value) {
  if (name == "variant") {
    if (task.variant(value) == nullptr) {
      return bad_input("unknown variant '" + value + "'", {},
                       suggestion(value, names_of(task.variants)));
    }
    problem.variant = value;
  } else if (name == "fill") {
    if (task.fill(value) == nullptr) {
      return bad_input("unknown fill '" + value + "'", {}, suggestion(value, names_of(task.fills)));
    }
    problem.fill = value;
  } else if (name == "cache") {
    if (value != "warm" && value != "cold") {
      return bad_input("cache is 'warm' or 'cold', not '" + value + "'");
    }
    problem.cache = value == "cold" ? CacheMode::cold : CacheMode::warm;
  } else {
    const auto number = parse_integer(value);
    if (!number) return bad_input("'" + value + "' of " + name + " is not an integer");
    if (name == "threads") {
      if (*number < 1 || *number > 4096) return bad_input("threads is from 1 to 4096");
      problem.threads = static_cast<int>(*number);
    } else {
      problem.dims[name] = *number;
    }
  }
  return {};
}

Result<Problem> apply_text(const Task& task, Problem problem, std::string_view text) {
  std::vector<std::string> known = task.dims;
  known.insert(known.end(), {"variant", "fill", "cache", "threads"});
  for (const std::string& part : split(text, ',')) {
    if (trim(part).empty()) continue;
    const size_t equals = part.find('=');
    const std::string name(trim(std::string_view(part).substr(0, equals)));
    if (equals == std::string::npos) {
      return bad_input("'" + name + "' is not name=value", {},
                       "write rows=128,cols=512,variant=f16,cache=cold");
    }
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return bad_input("'" + task.name + "' has no dim '" + name + "'", {},
                       suggestion(name, known));
    }
    const std::string value(trim(std::string_view(part).substr(equals + 1)));
    if (auto set = set_field(task, problem, name, value); !set) return tl::unexpected(set.error());
  }
  for (const std::string& dim : task.dims) {
    if (!problem.dims.contains(dim)) return bad_input("dim '" + dim + "' has no value");
  }
  return problem;
}

Problem first_of(const Task& task) {
  if (!task.tune.empty()) return task.tune[0];
  Problem problem;
  problem.task = task.name;
  problem.variant = task.variants[0].name;
  problem.fill = task.fills[0].name;
  return problem;
}

// Checked: extents are what people write, and bytes of them must fit memory anyway.
Result<int64_t> product(const std::vector<int64_t>& extents, const std::string& tensor) {
  constexpr int64_t kMostElements = int64_t{1} << 48;
  int64_t elements = 1;
  for (const int64_t extent : extents) {
    if (extent < 0) {
      return bad_input("tensor '" + tensor + "' has a negative extent " + std::to_string(extent));
    }
    if (extent > 0 && elements > kMostElements / extent) {
      return bad_input("tensor '" + tensor + "' has more than 2^48 elements");
    }
    elements *= extent;
  }
  return elements;
}

Result<double> number_of(const Expr& expression, const Bindings& names) {
  const auto value = expression.eval(names);
  if (!value) return tl::unexpected(value.error());
  return static_cast<double>(*value);
}

}  // namespace

std::string Problem::canonical() const {
  std::map<std::string, std::string> fields = {
      {"variant", variant},
      {"fill", fill},
      {"cache", cache == CacheMode::cold ? "cold" : "warm"},
      {"threads", std::to_string(threads)}};
  for (const auto& [dim, value] : dims) fields[dim] = std::to_string(value);
  std::vector<std::string> parts;
  for (const auto& [name, value] : fields) parts.push_back(name + "=" + value);
  return join(parts, ",");
}

Result<Problem> parse_problem(const Task& task, std::string_view text) {
  return parse_problem(task, text, first_of(task));
}

Result<Problem> parse_problem(const Task& task, std::string_view text, const Problem& base) {
  auto problem = apply_text(task, base, text);
  if (!problem) return problem;
  if (const auto shapes = shapes_of(task, *problem); !shapes) return tl::unexpected(shapes.error());
  return problem;
}

Result<std::vector<Problem>> expand_problems(const Task& task, std::string_view text) {
  std::vector<std::string> fixed, fills = {""}, variants = {""};
  for (const std::string& part : split(text, ',')) {
    const std::string field(trim(part));
    if (field == "fill=*") {
      fills = names_of(task.fills);
    } else if (field == "variant=*") {
      variants = names_of(task.variants);
    } else {
      fixed.push_back(field);
    }
  }
  Problem base = first_of(task);
  base.variant = task.variants[0].name;
  base.fill = task.fills[0].name;
  base.cache = CacheMode::warm;
  std::vector<Problem> problems;
  for (const std::string& variant : variants) {
    for (const std::string& fill : fills) {
      auto problem = apply_text(task, base, join(fixed, ","));
      if (!problem) return tl::unexpected(problem.error());
      if (!variant.empty()) problem->variant = variant;
      if (!fill.empty()) problem->fill = fill;
      problems.push_back(std::move(*problem));
    }
  }
  return problems;
}

Result<std::vector<TensorShape>> shapes_of(const Task& task, const Problem& problem) {
  for (const Expr& requirement : task.requires_) {
    const auto holds = requirement.eval(problem.dims);
    if (!holds) return tl::unexpected(holds.error());
    if (*holds == 0) {
      return bad_input("problem '" + problem.canonical() + "' breaks '" + requirement.text() + "'",
                       task.name);
    }
  }
  const Variant* variant = task.variant(problem.variant);
  if (variant == nullptr) {
    return bad_input("unknown variant '" + problem.variant + "'", task.name,
                     suggestion(problem.variant, names_of(task.variants)));
  }
  std::vector<TensorShape> shapes;
  for (const TensorSpec& tensor : task.tensors) {
    TensorShape shape;
    shape.dtype = variant->dtypes.find(tensor.name)->second;
    for (const Expr& extent : tensor.shape) {
      const auto value = extent.eval(problem.dims);
      if (!value) return tl::unexpected(value.error());
      shape.extents.push_back(*value);
    }
    const auto elements = product(shape.extents, tensor.name);
    if (!elements) return tl::unexpected(elements.error());
    shape.elements = *elements;
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

Result<double> flops_of(const Task& task, const Problem& problem) {
  return number_of(task.flops, problem.dims);
}

Result<double> bytes_of(const Task& task, const Problem& problem) {
  const auto shapes = shapes_of(task, problem);
  if (!shapes) return tl::unexpected(shapes.error());
  Bindings names = problem.dims;
  double every_tensor_once = 0;
  for (size_t t = 0; t < shapes->size(); ++t) {
    const TensorShape& shape = (*shapes)[t];
    names["E_" + task.tensors[t].name] = static_cast<int64_t>(size_of(shape.dtype));
    const double passes = task.tensors[t].io == Io::inout ? 2 : 1;
    every_tensor_once += passes * static_cast<double>(shape.bytes());
  }
  if (task.bytes.empty()) return every_tensor_once;
  return number_of(task.bytes, names);
}

double work_of(const Task& task, const Problem& problem) {
  return bytes_of(task, problem).value_or(0) + flops_of(task, problem).value_or(0);
}

}  // namespace kbench
