#include "tests/harness/task_lab.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/hash.hpp"

namespace kbench {

namespace fs = std::filesystem;

namespace {

// Compiles a shared object, or takes the one that the same text made before.
void* load_image(const std::string& text, const std::string& name) {
  const fs::path folder = fs::path(KBENCH_BINARY_DIR) / "task_images";
  const fs::path image = folder / (name + "-" + sha256(text).substr(0, 16) + ".so");
  if (!fs::exists(image)) {
    fs::create_directories(folder);
    const std::string source = image.string() + ".cpp", scratch = image.string() + ".new";
    std::ofstream(source) << text;
    const std::string command =
        fmt::format("g++ -std=c++20 -O2 -march=native -fPIC -shared -I{}/harness/include {} -o {}",
                    KBENCH_SOURCE_DIR, source, scratch);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT: the test's own text
    fs::rename(scratch, image);
  }
  void* handle = dlopen(image.c_str(), RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(handle, nullptr) << dlerror();
  return handle;
}

}  // namespace

std::vector<void*> TensorSet::pointers() {
  std::vector<void*> pointers;
  for (auto& tensor : storage) pointers.push_back(tensor.data());
  return pointers;
}

TaskLab::TaskLab(const Task& task, const Variant& variant) : task_(task) {
  setenv("KBENCH_HOME", KBENCH_SOURCE_DIR, 1);
  const std::string name = task.name + "-" + variant.name;
  void* reference = load_image(reference_source(task, variant), name + "-reference");
  reference_ = reinterpret_cast<ReferenceFunction>(dlsym(reference, kReferenceSymbol));
  EXPECT_NE(reference_, nullptr);
  kernel_ = parse_kernel_file(naive_kernel(task, variant), name + ".cpp").value();
  Problem problem = task.tune[0];
  problem.variant = variant.name;
  const LaunchPlan plan = make_plan(kernel_, kernel_.defaults(), task, problem, {}).value();
  naive_image_ = load_image(kernel_.source + cpp_tail(plan), name + "-naive");
}

std::vector<TensorShape> TaskLab::shapes(const Problem& problem) const {
  return shapes_of(task_, problem).value();
}

TensorSet TaskLab::fill(const Problem& problem, uint64_t seed) const {
  TensorSet set;
  std::vector<void*> inputs;
  const auto extents = shapes(problem);
  for (size_t t = 0; t < extents.size(); ++t) {
    set.storage.emplace_back(extents[t].bytes());
    void* data = set.storage.back().data();
    poison(data, extents[t].dtype, extents[t].elements);
    inputs.push_back(task_.tensors[t].io == Io::out ? nullptr : data);
  }
  const auto filled = fill_inputs(task_, problem, seed, inputs);
  EXPECT_TRUE(filled.has_value()) << filled.error().text();
  return set;
}

Expected TaskLab::unwritten(const Problem& problem) const {
  Expected expected;
  const auto extents = shapes(problem);
  for (size_t t = 0; t < extents.size(); ++t) {
    const size_t elements = task_.tensors[t].io == Io::in ? 0 : extents[t].elements;
    expected.values.emplace_back(elements);
    expected.scales.emplace_back(elements);
  }
  return expected;
}

void TaskLab::call_reference(const Problem& problem, TensorSet& set, Expected& expected, int group,
                             const int64_t* slices, int64_t count) const {
  std::vector<const void*> tensors;
  std::vector<double*> values;
  std::vector<float*> scales;
  for (size_t t = 0; t < set.storage.size(); ++t) {
    tensors.push_back(task_.tensors[t].io == Io::out ? nullptr : set.storage[t].data());
    values.push_back(expected.values[t].data());
    scales.push_back(expected.scales[t].data());
  }
  std::vector<int64_t> dims;
  std::vector<double> scalars;
  for (const std::string& dim : task_.dims) dims.push_back(problem.dims.at(dim));
  for (const ScalarSpec& scalar : task_.scalars) scalars.push_back(scalar.value);
  reference_(group, slices, count, tensors.data(), values.data(), scales.data(), dims.data(),
             scalars.data());
}

Expected TaskLab::reference(const Problem& problem, TensorSet& set) const {
  Expected expected = unwritten(problem);
  for (int group = 0; group < static_cast<int>(task_.groups.size()); ++group) {
    call_reference(problem, set, expected, group, nullptr,
                   slices_of(task_, problem, group).value());
  }
  return expected;
}

Expected TaskLab::reference_by_slices(const Problem& problem, TensorSet& set) const {
  Expected expected = unwritten(problem);
  for (int group = 0; group < static_cast<int>(task_.groups.size()); ++group) {
    for (int64_t slice = slices_of(task_, problem, group).value(); slice-- > 0;) {
      call_reference(problem, set, expected, group, &slice, 1);
    }
  }
  return expected;
}

TensorSet TaskLab::naive(const Problem& problem, const TensorSet& set) const {
  using StubFunction = void (*)(void* const*, const int64_t*, const double*);
  TensorSet result = set;
  const LaunchPlan plan = make_plan(kernel_, kernel_.defaults(), task_, problem, {}).value();
  for (const PlannedCall& call : plan.calls) {
    const std::string symbol = fmt::format("kbench_stub_{}", call.stub);
    const auto stub = reinterpret_cast<StubFunction>(dlsym(naive_image_, symbol.c_str()));
    std::vector<void*> pointers;
    std::vector<int64_t> integers;
    std::vector<double> reals;
    for (const PlannedArgument& argument : call.arguments) {
      if (argument.kind == Argument::Kind::pointer) {
        pointers.push_back(result.storage[argument.tensor].data());
      } else if (argument.kind == Argument::Kind::scalar) {
        reals.push_back(argument.real);
      } else {
        integers.push_back(argument.integer);
      }
    }
    stub(pointers.data(), integers.data(), reals.data());
  }
  return result;
}

std::optional<Mismatch> TaskLab::compare(const Problem& problem, TensorSet& set,
                                         const Expected& expected) const {
  const auto extents = shapes(problem);
  const auto pointers = set.pointers();
  for (size_t t = 0; t < extents.size(); ++t) {
    if (task_.tensors[t].io == Io::in) continue;
    auto mismatch = compare_output(task_, problem, extents, static_cast<int>(t), pointers.data(),
                                   expected.values[t].data(), expected.scales[t].data());
    if (mismatch) return mismatch;
  }
  return {};
}

}  // namespace kbench
