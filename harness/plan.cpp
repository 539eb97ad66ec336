#include "harness/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/text.hpp"
#include "harness/header_line.hpp"
#include "harness/plan_names.hpp"

namespace kbench {
namespace {

constexpr size_t kMostCalls = 100'000;
constexpr int64_t kMostBufferBytes = int64_t{1} << 47;

tl::unexpected<Error> unsupported(std::string what, std::string where) {
  return tl::unexpected(Error{ErrorKind::rejected, std::move(what), std::move(where)});
}

// Builds the plan in two walks over the steps: one for the stubs, whose types depend on no dim, one
// that evaluates every call.
class Planner {
 public:
  Planner(const KernelFile& kernel, PlanNames names) : kernel_(kernel), names_(std::move(names)) {}

  Result<LaunchPlan> plan() {
    if (auto done = buffers(); !done) return tl::unexpected(done.error());
    for (const auto* steps : {&kernel_.prepare, &kernel_.steps}) {
      names_.preparing = steps == &kernel_.prepare;
      auto& calls = names_.preparing ? plan_.prepare : plan_.calls;
      if (auto done = find_stubs(*steps); !done) return tl::unexpected(done.error());
      Bindings values = names_.integers;
      if (auto done = walk(*steps, values, calls); !done) return tl::unexpected(done.error());
    }
    for (const auto& [name, unused] : kernel_.defines) {
      plan_.defines.emplace_back(name, names_.integers.at(name));
    }
    return std::move(plan_);
  }

 private:
  Result<void> buffers();
  Result<void> find_stubs(const std::vector<Step>& steps);
  Result<Stub> stub_of(const Step& step) const;
  Result<void> walk(const std::vector<Step>& steps, Bindings& values,
                    std::vector<PlannedCall>& calls);
  Result<void> launch(const Step& step, const Bindings& values, std::vector<PlannedCall>& calls);
  Result<PlannedArgument> argument(const Argument& argument, const Bindings& values) const;

  const KernelFile& kernel_;
  PlanNames names_;
  LaunchPlan plan_;
  std::map<const Step*, int> stub_of_step_;
};

Result<void> Planner::buffers() {
  const auto first = static_cast<int>(names_.pointers.size() - kernel_.buffers.size());
  for (size_t i = 0; i < kernel_.buffers.size(); ++i) {
    const BufferSpec& spec = kernel_.buffers[i];
    TensorShape shape;
    shape.dtype = names_.pointers[static_cast<size_t>(first) + i].dtype;
    shape.elements = 1;
    for (const Expr& extent : spec.shape) {
      const auto value = extent.eval(names_.integers);
      if (!value) return tl::unexpected(value.error());
      if (*value < 0) {
        return bad_input(fmt::format("buffer {} has the negative extent {} = {}", spec.name,
                                     extent.text(), *value),
                         spec.where);
      }
      shape.extents.push_back(*value);
      const bool overflows = __builtin_mul_overflow(shape.elements, *value, &shape.elements);
      if (overflows ||
          shape.elements > kMostBufferBytes / static_cast<int64_t>(size_of(shape.dtype))) {
        return unsupported(fmt::format("buffer {} is too large", spec.name), spec.where);
      }
    }
    plan_.buffers.push_back(std::move(shape));
    const int number = first + static_cast<int>(i);
    const bool prepared = names_.pointers[static_cast<size_t>(number)].prepared;
    (prepared ? plan_.prepared : spec.zeroed ? plan_.zeroed : plan_.poisoned).push_back(number);
  }
  for (const std::string& name : kernel_.zeroed_tensors) {
    const auto number = names_.find(name);
    if (!number || !names_.pointers[static_cast<size_t>(*number)].output) {
      return bad_input(fmt::format("'zero {}': not an output of the task", name), kernel_.name,
                       suggestion(name, names_.outputs()));
    }
    plan_.zeroed.push_back(*number);
  }
  return {};
}

Result<Stub> Planner::stub_of(const Step& step) const {
  Stub stub;
  stub.function = step.function;
  stub.line = step.line;
  for (const Expr& expression : step.template_arguments) {
    auto value = names_.template_argument(expression, step.where);
    if (!value) return tl::unexpected(value.error());
    stub.template_arguments.push_back(std::move(*value));
  }
  for (const Argument& argument : step.arguments) {
    auto resolved = names_.resolve(argument);
    if (!resolved) return tl::unexpected(resolved.error());
    stub.types.push_back(resolved->type);
  }
  return stub;
}

Result<void> Planner::find_stubs(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::repeat) {
      names_.counters.push_back(step.counter);
      auto inner = find_stubs(step.body);
      names_.counters.pop_back();
      if (!inner) return inner;
      continue;
    }
    auto stub = stub_of(step);
    if (!stub) return tl::unexpected(stub.error());
    auto& stubs = plan_.stubs;
    const auto same = std::find_if(stubs.begin(), stubs.end(), [&](const Stub& known) {
      return known.function == stub->function && known.types == stub->types &&
             known.template_arguments == stub->template_arguments;
    });
    stub_of_step_[&step] = static_cast<int>(same - stubs.begin());
    if (same == stubs.end()) stubs.push_back(std::move(*stub));
  }
  return {};
}

Result<void> Planner::walk(const std::vector<Step>& steps, Bindings& values,
                           std::vector<PlannedCall>& calls) {
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::launch) {
      if (auto launched = launch(step, values, calls); !launched) return launched;
      if (calls.size() > kMostCalls) {
        return unsupported(fmt::format("more than {} calls", kMostCalls), step.where);
      }
      continue;
    }
    const auto count = step.count.eval(values);
    if (!count) return tl::unexpected(count.error());
    if (*count < 0) {
      return bad_input(fmt::format("repeat {} = {} times", step.count.text(), *count), step.where);
    }
    if (*count > static_cast<int64_t>(kMostCalls)) {
      return unsupported(
          fmt::format("repeat {} = {} times is too often", step.count.text(), *count), step.where);
    }
    names_.counters.push_back(step.counter);
    for (int64_t i = 0; i < *count; ++i) {
      values[step.counter] = i;
      if (auto walked = walk(step.body, values, calls); !walked) return walked;
    }
    names_.counters.pop_back();
    values.erase(step.counter);
  }
  return {};
}

Result<void> evaluate(const std::vector<Expr>& extents, const Bindings& values, int64_t lowest,
                      int64_t (&out)[3], const Step& step) {
  for (size_t i = 0; i < extents.size(); ++i) {
    const auto value = extents[i].eval(values);
    if (!value) return tl::unexpected(value.error());
    if (*value < lowest) {
      return bad_input(
          fmt::format("{} is {} in the launch of {}", extents[i].text(), *value, step.function),
          step.where, fmt::format("at least {} is needed", lowest));
    }
    out[i] = *value;
  }
  return {};
}

Result<void> Planner::launch(const Step& step, const Bindings& values,
                             std::vector<PlannedCall>& calls) {
  PlannedCall call;
  call.stub = stub_of_step_.at(&step);
  call.cooperative = step.cooperative;
  if (auto done = evaluate(step.grid, values, 0, call.grid, step); !done) return done;
  if (call.grid[0] == 0 || call.grid[1] == 0 || call.grid[2] == 0) return {};
  if (auto done = evaluate(step.block, values, 1, call.block, step); !done) return done;
  if (auto done = evaluate(step.cluster, values, 1, call.cluster, step); !done) return done;
  if (!step.shared_bytes.empty()) {
    const auto bytes = step.shared_bytes.eval(values);
    if (!bytes) return tl::unexpected(bytes.error());
    if (*bytes < 0) return bad_input("negative shared bytes", step.where);
    call.shared_bytes = *bytes;
  }
  for (const Argument& each : step.arguments) {
    auto planned = argument(each, values);
    if (!planned) return tl::unexpected(planned.error());
    call.arguments.push_back(*planned);
  }
  calls.push_back(std::move(call));
  return {};
}

Result<PlannedArgument> Planner::argument(const Argument& argument, const Bindings& values) const {
  const auto resolved = names_.resolve(argument);
  if (!resolved) return tl::unexpected(resolved.error());
  PlannedArgument planned;
  planned.kind = resolved->kind;
  if (planned.kind == Argument::Kind::scalar) {
    planned.real = resolved->scalar->value;
    planned.scalar_dtype = resolved->scalar->dtype;
    return planned;
  }
  if (planned.kind == Argument::Kind::pointer) {
    for (const Choice& choice : argument.choices) {
      planned.tensor = *names_.find(choice.name);
      if (choice.condition.empty()) break;
      const auto holds = choice.condition.eval(values);
      if (!holds) return tl::unexpected(holds.error());
      if (*holds != 0) break;
    }
    return planned;
  }
  const auto value = argument.expression.eval(values);
  if (!value) return tl::unexpected(value.error());
  planned.integer = *value;
  planned.real = static_cast<double>(*value);
  const bool fits = *value >= std::numeric_limits<int32_t>::min() &&
                    *value <= std::numeric_limits<int32_t>::max();
  if (planned.kind == Argument::Kind::integer32 && !fits) {
    return unsupported(fmt::format("{} = {} does not fit an int; int64({}) would hold it",
                                   argument.expression.text(), *value, argument.expression.text()),
                       argument.where);
  }
  if (planned.kind == Argument::Kind::local_bytes && *value < 1) {
    return bad_input(fmt::format("local({}) has {} bytes", argument.expression.text(), *value),
                     argument.where);
  }
  return planned;
}

}  // namespace

Result<LaunchPlan> make_plan(const KernelFile& kernel, const Params& params, const Task& task,
                             const Problem& problem, const Bindings& device) {
  auto names = plan_names(kernel, params, task, problem, device);
  if (!names) return tl::unexpected(names.error());
  return Planner(kernel, std::move(*names)).plan();
}

}  // namespace kbench
