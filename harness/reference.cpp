#include <fmt/format.h>

#include <algorithm>

#include "core/files.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "harness/task.hpp"

namespace kbench {

namespace {

// A header of harness/include. One that is missing becomes an error of the generated source, which
// is where a person will look.
std::string include_text(const std::string& name) {
  const std::string path = data_root() + "/harness/include/" + name;
  const auto text = read_file(path);
  return text ? *text : fmt::format("#error \"{} is missing; is KBENCH_HOME right?\"\n", path);
}

std::string_view type_of(const TensorSpec& tensor, const Variant& variant) {
  return cpp_name_of(variant.dtypes.find(tensor.name)->second);
}

// The struct the reference is written against: tensors, dims, scalars.
std::string args_struct(const Task& task, const Variant& variant) {
  std::string text = "template <class real>\nstruct Args {\n";
  for (const TensorSpec& tensor : task.tensors) {
    text += fmt::format("  {}<real, {}, {}> {};\n", tensor.io == Io::in ? "In" : "Out",
                        type_of(tensor, variant), tensor.shape.size(), tensor.name);
  }
  for (const std::string& dim : task.dims) text += fmt::format("  int64_t {};\n", dim);
  for (const ScalarSpec& scalar : task.scalars) text += fmt::format("  real {};\n", scalar.name);
  return text + "};\n";
}

std::string extents_of(const TensorSpec& tensor) {
  std::vector<std::string> extents;
  for (const Expr& extent : tensor.shape) extents.push_back("int64_t(" + extent.text() + ")");
  return "{{" + join(extents, ", ") + "}}";
}

// reference.cpp inside the namespace, its lines numbered as in the file.
std::string reference_text(const Task& task) {
  return fmt::format("#line 1 \"{}/reference.cpp\"\n{}\n#line 1 \"generated\"\n", task.name,
                     task.reference);
}

std::string joined_lines(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : "      " + join(lines, ",\n      ") + "\n";
}

// Fields of Args<Tracked> from the arguments of ReferenceFunction.
std::vector<std::string> tracked_fields(const Task& task, const Variant& variant) {
  std::vector<std::string> fields;
  for (size_t t = 0; t < task.tensors.size(); ++t) {
    const TensorSpec& tensor = task.tensors[t];
    const std::string data =
        fmt::format("static_cast<const {}*>(kb_tensors[{}])", type_of(tensor, variant), t);
    fields.push_back(tensor.io == Io::in
                         ? fmt::format("{{{}, {}}}", data, extents_of(tensor))
                         : fmt::format("{{kb_values[{0}], kb_scales[{0}], {1}, {2}}}", t, data,
                                       extents_of(tensor)));
  }
  fields.insert(fields.end(), task.dims.begin(), task.dims.end());
  for (size_t s = 0; s < task.scalars.size(); ++s) {
    // Kernels get the scalar in its own type, so the reference sees the same rounded value.
    fields.push_back(fmt::format("double(static_cast<{}>(kb_scalars[{}]))",
                                 cpp_name_of(task.scalars[s].dtype), s));
  }
  return fields;
}

std::string real_of(const Variant& variant) {
  return variant.compute == DType::f64 ? "double" : "float";
}

// "x, y, int64(rows), int64(cols), eps": every tensor, dim and scalar.
std::vector<std::string> launch_arguments(const Task& task) {
  std::vector<std::string> arguments;
  for (const TensorSpec& tensor : task.tensors) arguments.push_back(tensor.name);
  for (const std::string& dim : task.dims) arguments.push_back("int64(" + dim + ")");
  for (const ScalarSpec& scalar : task.scalars) arguments.push_back(scalar.name);
  return arguments;
}

std::string naive_function(const Task& task, const Variant& variant) {
  std::vector<std::string> parameters, fields;
  for (const TensorSpec& tensor : task.tensors) {
    parameters.push_back(fmt::format("{}{}* {}", tensor.io == Io::in ? "const " : "",
                                     type_of(tensor, variant), tensor.name));
    fields.push_back(fmt::format("{{{}, {}}}", tensor.name, extents_of(tensor)));
  }
  for (const std::string& dim : task.dims) {
    parameters.push_back("int64_t " + dim);
    fields.push_back(dim);
  }
  for (const ScalarSpec& scalar : task.scalars) {
    parameters.push_back(fmt::format("{} {}", cpp_name_of(scalar.dtype), scalar.name));
    fields.push_back(scalar.name);
  }
  std::string text = fmt::format("void naive_{}({}) {{\n", task.name, join(parameters, ", "));
  text += fmt::format("  using namespace kbench_ref;\n  const Args<{}> kb_args{{\n{}  }};\n",
                      real_of(variant), joined_lines(fields));
  for (const OutputGroup& group : task.groups) {
    text += fmt::format(
        "  for (int64_t kb_i = 0; kb_i < int64_t({}); ++kb_i) kbench_ref::{}(kb_args, kb_i);\n",
        group.slices.text(), group.name);
  }
  return text + "}\n";
}

}  // namespace

std::string reference_source(const Task& task, const Variant& variant) {
  std::string text = include_text("kbench_reference.h");
  text += fmt::format("namespace kbench_ref {{\ninline constexpr double kRoundoff = {:a};\n}}\n",
                      unit_roundoff(variant.compute));
  text += include_text("kbench_tracked.h");
  text += "namespace kbench_ref {\n" + args_struct(task, variant) + reference_text(task) + "}\n";
  text += fmt::format(
      "extern \"C\" void {}(int kb_group, const int64_t* kb_slices, int64_t kb_count,\n"
      "    const void* const* kb_tensors, double* const* kb_values, float* const* kb_scales,\n"
      "    const int64_t* kb_dims, const double* kb_scalars) {{\n  using namespace kbench_ref;\n",
      kReferenceSymbol);
  for (size_t d = 0; d < task.dims.size(); ++d) {
    text += fmt::format("  [[maybe_unused]] const int64_t {} = kb_dims[{}];\n", task.dims[d], d);
  }
  text += fmt::format("  const Args<Tracked> kb_args{{\n{}  }};\n  switch (kb_group) {{\n",
                      joined_lines(tracked_fields(task, variant)));
  for (size_t g = 0; g < task.groups.size(); ++g) {
    text += fmt::format(
        "    case {}:\n"
        "      for (int64_t kb_i = 0; kb_i < kb_count; ++kb_i) {{\n"
        "        kbench_ref::{}(kb_args, kb_slices == nullptr ? kb_i : kb_slices[kb_i]);\n"
        "      }}\n"
        "      break;\n",
        g, task.groups[g].name);
  }
  return text + "  }\n}\n";
}

std::string naive_kernel(const Task& task, const Variant& variant) {
  std::string text = fmt::format(
      "// kbench: task     {0}\n"
      "// kbench: language cpp\n"
      "// kbench: dtype    {1}\n"
      "// kbench: launch   naive_{0}({2})\n"
      "// {0} as its reference says it, in {3} arithmetic: the slowest honest kernel.\n"
      "#include <kbench.h>\n",
      task.name, variant.name, join(launch_arguments(task), ", "), real_of(variant));
  text += include_text("kbench_reference.h");
  text += "namespace kbench_ref {\nnamespace {\n" + args_struct(task, variant) +
          reference_text(task) + "}\n}\n";
  return text + naive_function(task, variant);
}

}  // namespace kbench
