#include "harness/problem_context.hpp"

#include <algorithm>
#include <numeric>

namespace kbench {

namespace {

constexpr std::chrono::milliseconds kReferenceDeadline{600'000};

// Where the reference writes each output: values (double) and scales (float), 64-byte aligned.
struct ExpectedLayout {
  std::vector<size_t> values, scales;
  size_t bytes = 64;
};
ExpectedLayout layout_of(const Task& task, const std::vector<TensorShape>& shapes) {
  ExpectedLayout layout;
  auto reserve = [&](size_t bytes) {
    const size_t offset = layout.bytes;
    layout.bytes += (bytes + 63) / 64 * 64;
    return offset;
  };
  for (size_t t = 0; t < shapes.size(); ++t) {
    const bool output = task.tensors[t].io != Io::in;
    const auto elements = static_cast<size_t>(shapes[t].elements);
    layout.values.push_back(output ? reserve(elements * sizeof(double)) : SIZE_MAX);
    layout.scales.push_back(output ? reserve(elements * sizeof(float)) : SIZE_MAX);
  }
  return layout;
}

}  // namespace

Result<std::unique_ptr<ProblemContext>> ProblemContext::open(
    Arena& arena, WorkerServer& server, const std::string& reference_image, const Task& task,
    const Problem& problem, const RingSpec& spec, uint64_t seed, const WorkerLimits& limits) {
  auto ring = TensorRing::create(arena, task, problem, spec);
  if (!ring) return tl::unexpected(ring.error());
  const int sets = ring->all();
  const ExpectedLayout layout = layout_of(task, ring->shapes());
  auto memory = SharedMemory::create("kbench-expected", layout.bytes);
  if (!memory) return tl::unexpected(memory.error());

  WorkerServer::ReferenceMemory view;
  view.sets.inputs_fd = arena.inputs_descriptor();
  view.sets.outputs_fd = arena.outputs_descriptor();
  for (int set = 0; set < sets; ++set) {
    view.sets.regions.push_back(ring->reference_regions(set));
    view.sets.plan_of_set.push_back(0);
  }
  for (const TensorSpec& tensor : task.tensors) view.sets.names.push_back(tensor.name);
  view.expected_fd = memory->descriptor();
  view.value_offsets = layout.values;
  view.scale_offsets = layout.scales;
  for (const std::string& dim : task.dims) view.dims.push_back(problem.dims.find(dim)->second);
  for (const ScalarSpec& scalar : task.scalars) view.scalars.push_back(scalar.value);
  auto reference = server.load_reference(reference_image, view, limits);
  if (!reference) {
    return environment_error(
        "the reference of task " + task.name + " does not start: " + reference.error().message,
        task.folder + "/reference.cpp");
  }

  std::unique_ptr<ProblemContext> context(
      new ProblemContext(task, std::move(*ring), std::move(*memory)));
  context->reference_ = std::move(*reference);
  context->value_offsets_ = layout.values;
  context->scale_offsets_ = layout.scales;
  context->seeds_.resize(static_cast<size_t>(sets));
  context->expected_.resize(static_cast<size_t>(sets));
  context->allowances_.resize(task.tensors.size());
  context->refill_constants(seed);
  for (int set = 0; set < sets; ++set) context->refill(set, seed + static_cast<uint64_t>(set) + 1);
  return context;
}

void ProblemContext::refill(int set, uint64_t seed, const std::string& fill) {
  ring_.fill(set, seed, fill);
  seeds_[static_cast<size_t>(set)] = seed;
  expected_[static_cast<size_t>(set)].reset();
}

void ProblemContext::refill_constants(uint64_t seed) {
  if (std::none_of(task_->tensors.begin(), task_->tensors.end(),
                   [](const TensorSpec& tensor) { return tensor.constant; })) {
    return;  // what is expected stays so
  }
  ring_.fill_constants(seed);
  for (auto& expected : expected_) expected.reset();
}

void ProblemContext::copy_inputs(int from, int to) {
  ring_.copy_inputs(from, to);
  seeds_[static_cast<size_t>(to)] = seeds_[static_cast<size_t>(from)];
  expected_[static_cast<size_t>(to)].reset();
}

const double* ProblemContext::values(size_t tensor) const {
  return static_cast<const double*>(expected_memory_.at(value_offsets_[tensor]));
}
const float* ProblemContext::scales(size_t tensor) const {
  return static_cast<const float*>(expected_memory_.at(scale_offsets_[tensor]));
}

Fault ProblemContext::wrong(int set, const Mismatch& mismatch) const {
  return {Outcome::wrong_result, mismatch.unwritten ? "unwritten" : "bound",
          mismatch.text() + " on " + problem(set).canonical() + ", seed " +
              std::to_string(seeds_[static_cast<size_t>(set)])};
}

Judged<void> ProblemContext::compute(int set, int group, std::vector<int64_t> slices) {
  auto ran = reference_->run({group, std::move(slices), set}, kReferenceDeadline);
  if (ran) return {};
  return fault(Outcome::internal_error, "reference",
               "the reference of task " + task_->name + " fails on " + problem().canonical() +
                   ": " + ran.error().message);
}

Judged<const ProblemContext::Expected*> ProblemContext::expected(int set) {
  auto& slot = expected_[static_cast<size_t>(set)];
  if (slot) return slot.get();
  auto made = std::make_unique<Expected>();
  made->values.resize(task_->tensors.size());
  made->scales.resize(task_->tensors.size());
  for (size_t group = 0; group < task_->groups.size(); ++group) {
    auto count = slices_of(*task_, problem(), static_cast<int>(group));
    if (!count) return fault(Outcome::internal_error, "reference", count.error().text());
    std::vector<int64_t> slices(static_cast<size_t>(*count));
    std::iota(slices.begin(), slices.end(), 0);
    if (auto ran = compute(set, static_cast<int>(group), std::move(slices)); !ran) {
      return tl::unexpected(ran.error());
    }
  }
  for (size_t t = 0; t < task_->tensors.size(); ++t) {
    if (value_offsets_[t] == SIZE_MAX) continue;
    const int64_t elements = ring_.shapes()[t].elements;
    made->values[t].assign(values(t), values(t) + elements);
    made->scales[t].assign(scales(t), scales(t) + elements);
  }
  slot = std::move(made);
  return slot.get();
}

Judged<void> ProblemContext::check_written(int set) const {
  auto name = [&](int tensor) { return task_->tensors[static_cast<size_t>(tensor)].name; };
  if (const int tensor = ring_.damaged_output(set); tensor >= 0) {
    return fault(Outcome::out_of_bounds, "canary",
                 "writes past the end of " + name(tensor) + " on " + problem().canonical());
  }
  if (const int tensor = ring_.unwritten_output(set); tensor >= 0) {
    return fault(Outcome::wrong_result, "unwritten",
                 "leaves elements of " + name(tensor) + " unwritten on " + problem().canonical());
  }
  return {};
}

Judged<void> ProblemContext::check_all(int set, int answers) {
  auto reference = expected(answers);
  if (!reference) return tl::unexpected(reference.error());
  if (const int tensor = ring_.damaged_output(set); tensor >= 0) return check_written(set);
  return compare_all(set, **reference);
}

Judged<void> ProblemContext::compare_all(int set, const Expected& expected) const {
  const std::vector<const void*> working = ring_.working(set);
  for (size_t t = 0; t < task_->tensors.size(); ++t) {
    if (value_offsets_[t] == SIZE_MAX) continue;
    auto mismatch =
        compare_output(*task_, problem(), ring_.shapes(), static_cast<int>(t), working.data(),
                       expected.values[t].data(), expected.scales[t].data());
    if (mismatch) return tl::unexpected(wrong(set, *mismatch));
  }
  return {};
}

Deviation ProblemContext::deviation(int set) const {
  const Expected& expected = *expected_[static_cast<size_t>(set)];
  const std::vector<const void*> working = ring_.working(set);
  Deviation deviation;
  for (size_t t = 0; t < task_->tensors.size(); ++t) {
    if (value_offsets_[t] == SIZE_MAX) continue;
    deviation += deviation_of(*task_, ring_.shapes(), static_cast<int>(t), working.data(),
                              expected.values[t].data(), expected.scales[t].data());
  }
  return deviation;
}

Judged<void> ProblemContext::check_slices(int set, int group, const std::vector<int64_t>& slices) {
  if (auto ran = compute(set, group, slices); !ran) return tl::unexpected(ran.error());
  const std::vector<const void*> working = ring_.working(set);
  for (size_t t = 0; t < task_->tensors.size(); ++t) {
    if (group_of(*task_, static_cast<int>(t)) != group) continue;
    auto mismatch = compare_output(*task_, problem(), ring_.shapes(), static_cast<int>(t),
                                   working.data(), values(t), scales(t), slices);
    if (mismatch) return tl::unexpected(wrong(set, *mismatch));
    allowances_[t] =
        std::max(allowances_[t], largest_bound(*task_, problem(), ring_.shapes(),
                                               static_cast<int>(t), values(t), scales(t), slices));
  }
  return {};
}

Judged<void> ProblemContext::check_some(int set, int slices, std::mt19937_64& random) {
  if (auto written = check_written(set); !written) return written;
  for (size_t group = 0; group < task_->groups.size(); ++group) {
    auto count = slices_of(*task_, problem(), static_cast<int>(group));
    if (!count) return fault(Outcome::internal_error, "reference", count.error().text());
    if (*count == 0) continue;
    std::vector<int64_t> chosen;
    for (int i = 0; i < slices; ++i) {
      chosen.push_back(static_cast<int64_t>(random() % static_cast<uint64_t>(*count)));
    }
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    if (auto right = check_slices(set, static_cast<int>(group), chosen); !right) return right;
  }
  return {};
}

}  // namespace kbench
