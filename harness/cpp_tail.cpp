#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "harness/plan.hpp"

namespace kbench {
namespace {

// Looks at a function's type. No <tuple>: this is compiled with every candidate. Names are in small
// letters because params are macros in capitals.
constexpr std::string_view kPreamble = R"(
#include <stdint.h>
namespace kbench_tail {
// No __is_same: NVRTC lacks it.
template <class one, class other> constexpr bool same = false;
template <class one> constexpr bool same<one, one> = true;
template <class type> struct function_type;
template <class result, class... parameters>
struct function_type<result (*)(parameters...)> {
  static constexpr int count = sizeof...(parameters);
  static constexpr bool returns_void = same<result, void>;
  template <class given>
  static constexpr bool takes(int index) {
    int at = 0;
    return ((at++ == index && same<given, parameters>) || ... || false);
  }
};
template <class result, class... parameters>
struct function_type<result (*)(parameters...) noexcept> : function_type<result (*)(parameters...)> {};
}  // namespace kbench_tail
)";

bool is_pointer(const std::string& type) {
  return type.back() == '*';
}
bool is_integer_sort(const std::string& type) {
  return type == "int" || type == "int64_t" || type == "local";
}

// One static_assert; `#line` makes the compiler name the launch line of the kernel file.
std::string assertion(const Stub& stub, const std::string& condition, const std::string& message) {
  return fmt::format("#line {}\n  static_assert({}, \"{}\");\n", stub.line, condition, message);
}

// int64_t as NVRTC has it; on Linux a C++ compiler's is a long.
std::string as_long_long(std::string type) {
  const size_t at = type.find("int64_t");
  if (at == std::string::npos) return type;
  const bool is_unsigned = at > 0 && type[at - 1] == 'u';
  return is_unsigned ? type.replace(at - 1, 8, "unsigned long long")
                     : type.replace(at, 7, "long long");
}

std::string type_assertions(const Stub& stub, size_t number, bool on_a_grid) {
  const std::string type =
      fmt::format("kbench_tail::function_type<decltype(&{})>", instance_of(stub));
  std::string text =
      fmt::format("#line {}\n  using kbench_type_{} = {};\n", stub.line, number, type);
  const std::string alias = fmt::format("kbench_type_{}", number);
  text += assertion(stub, fmt::format("{}::returns_void", alias),
                    fmt::format("{} must return void", stub.function));
  text += assertion(stub, fmt::format("{}::count == {}", alias, stub.types.size()),
                    fmt::format("{} must take {} arguments, as its launch line says", stub.function,
                                stub.types.size()));
  for (size_t i = 0; i < stub.types.size(); ++i) {
    const std::string& given = stub.types[i];
    std::string fits = fmt::format("{}::count != {} || {}::takes<{}>({})", alias, stub.types.size(),
                                   alias, given, i);
    std::string message =
        fmt::format("argument {} of {} must be declared {}", i + 1, stub.function, given);
    if (const std::string other = as_long_long(given); on_a_grid && other != given) {
      fits += fmt::format(" || {}::takes<{}>({})", alias, other, i);
      if (is_pointer(given)) fits += fmt::format(" || {}::takes<const {}>({})", alias, other, i);
    }
    if (is_pointer(given) && given.substr(0, 6) == "const ") {
      message += ": the kernel may only read it";
    } else if (is_pointer(given)) {
      fits += fmt::format(" || {}::takes<const {}>({})", alias, given, i);
    }
    text += assertion(stub, fits, message);
  }
  return text;
}

std::string call(const Stub& stub, bool on_a_grid) {
  size_t pointers = 0, integers = 0, reals = 0;
  std::vector<std::string> arguments;
  for (const std::string& type : stub.types) {
    if (is_pointer(type) && on_a_grid) {
      arguments.push_back(fmt::format("kbench_simt::Pointer{{pointers[{}]}}", pointers++));
      continue;
    }
    const std::string value = is_pointer(type)        ? fmt::format("pointers[{}]", pointers++)
                              : is_integer_sort(type) ? fmt::format("integers[{}]", integers++)
                                                      : fmt::format("reals[{}]", reals++);
    arguments.push_back(fmt::format("static_cast<{}>({})", type, value));
  }
  if (!on_a_grid) {
    return fmt::format("#line {}\n  {}({});\n", stub.line, instance_of(stub),
                       join(arguments, ", "));
  }
  std::string captures, names;
  for (size_t i = 0; i < arguments.size(); ++i) {
    captures += fmt::format("{}a{} = {}", i > 0 ? ", " : "", i, arguments[i]);
    names += fmt::format("{}a{}", i > 0 ? ", " : "", i);
  }
  return fmt::format("#line {}\n  kbench_simt::launch(integers + {}, [{}] {{ {}({}); }});\n",
                     stub.line, integers, captures, instance_of(stub), names);
}

std::string tail_of(const LaunchPlan& plan, bool on_a_grid) {
  std::string tail(kPreamble);
  for (size_t i = 0; i < plan.stubs.size(); ++i) {
    tail += fmt::format(
        "extern \"C\" __attribute__((visibility(\"default\"))) void kbench_stub_{}(\n"
        "    [[maybe_unused]] void* const* pointers, [[maybe_unused]] const int64_t* integers,\n"
        "    [[maybe_unused]] const double* reals) {{\n",
        i);
    tail += type_assertions(plan.stubs[i], i, on_a_grid) + call(plan.stubs[i], on_a_grid) + "}\n";
  }
  return tail;
}

}  // namespace

std::string instance_of(const Stub& stub) {
  if (stub.template_arguments.empty()) return stub.function;
  return fmt::format("{}<{}>", stub.function, join(stub.template_arguments, ", "));
}

std::string cpp_tail(const LaunchPlan& plan) {
  return tail_of(plan, false);
}

std::string emulated_tail(const LaunchPlan& plan) {
  return tail_of(plan, true);
}

std::string rtc_tail(const LaunchPlan& plan) {
  std::string tail(kPreamble);
  for (size_t i = 0; i < plan.stubs.size(); ++i) {
    tail += fmt::format("namespace kbench_stub_{} {{\n", i) +
            type_assertions(plan.stubs[i], i, true) + "}\n";
  }
  return tail;
}

}  // namespace kbench
