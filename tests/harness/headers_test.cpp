// Six operators that a kernel file must be able to say well, each in cpp, cuda and opencl: parsed,
// planned, and (cpp) their tails checked by the compiler against the declarations in the files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/plan.hpp"

namespace kbench {
namespace {

namespace fs = std::filesystem;
const fs::path kFolder = fs::path(KBENCH_SOURCE_DIR) / "tests/harness/headers";

Task task_of(const std::string& name, std::vector<TensorSpec> tensors,
             std::map<std::string, DType, std::less<>> dtypes, const std::string& variant) {
  Task task;
  task.name = name;
  task.tensors = std::move(tensors);
  task.variants = {{variant, std::move(dtypes), DType::f32}};
  return task;
}

// What the files' headers expect of each task, in one variant.
Task exercise(const std::string& name, DType real) {
  using enum DType;
  const std::string variant(name_of(real));
  const auto in = [](const char* tensor, bool constant = false) {
    return TensorSpec{tensor, Io::in, constant, {}};
  };
  const auto out = [](const char* tensor) { return TensorSpec{tensor, Io::out, false, {}}; };
  if (name == "jacobi") {
    return task_of(name, {in("u"), out("y")}, {{"u", real}, {"y", real}}, variant);
  }
  if (name == "topk") {
    return task_of(name, {in("x"), out("values"), out("indices")},
                   {{"x", real}, {"values", real}, {"indices", i32}}, variant);
  }
  if (name == "matmul") {
    return task_of(name, {in("a"), in("b"), out("c")}, {{"a", real}, {"b", real}, {"c", real}},
                   variant);
  }
  if (name == "scan") {
    return task_of(name, {in("x"), out("y")}, {{"x", real}, {"y", real}}, variant);
  }
  if (name == "matmul_w4a16") {
    return task_of(name, {in("x"), in("w", true), in("scales", true), out("y")},
                   {{"x", real}, {"w", u8}, {"scales", real}, {"y", real}}, variant);
  }
  Task task = task_of(name, {in("q"), in("k"), in("v"), out("out")},
                      {{"q", real}, {"k", real}, {"v", real}, {"out", real}}, variant);
  task.scalars = {{"scale", f32, 0.125}};
  return task;
}

Dims dims_of(const std::string& task) {
  if (task == "jacobi") return {{"rows", 100}, {"cols", 70}, {"steps", 5}};
  if (task == "topk") return {{"rows", 7}, {"cols", 5000}, {"k", 10}};
  if (task == "matmul") return {{"m", 100}, {"n", 70}, {"k", 1000}};
  if (task == "scan") return {{"rows", 7}, {"cols", 5000}};
  if (task == "matmul_w4a16") return {{"m", 4}, {"n", 256}, {"k", 512}, {"group", 128}};
  return {{"heads", 4}, {"seq", 300}, {"d", 64}};
}

const Bindings kDevice = {{"SMS", 100},        {"WARP", 32},          {"SMEM_MAX", 1 << 17},
                          {"CORES", 2},        {"THREADS_MAX", 1024}, {"L2_BYTES", 1 << 21},
                          {"VECTOR_BYTES", 64}};

struct Planned {
  KernelFile kernel;
  Task task;
  Result<LaunchPlan> plan;
};

Planned plan_file(const std::string& file, Dims dims = {}) {
  auto kernel = read_kernel_file((kFolder / file).string());
  if (!kernel) return {{}, {}, tl::unexpected(kernel.error())};
  const DType dtype = kernel->dtypes.empty() ? DType::f16 : kernel->dtypes[0];
  Task task = exercise(kernel->task, dtype);
  Problem problem;
  problem.task = task.name;
  problem.variant = task.variants[0].name;
  problem.dims = dims.empty() ? dims_of(task.name) : dims;
  EXPECT_TRUE(satisfies(*kernel, kernel->defaults(), problem.dims, kDevice).value_or(false))
      << file << ": the defaults violate a constraint";
  auto plan = make_plan(*kernel, kernel->defaults(), task, problem, kDevice);
  return {std::move(*kernel), std::move(task), std::move(plan)};
}

TEST(Exercises, AllParseAndPlan) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const auto planned = plan_file(entry.path().filename().string());
    ASSERT_TRUE(planned.plan.has_value()) << entry.path() << ": " << planned.plan.error().text();
    EXPECT_FALSE(planned.plan->calls.empty());
    ++files;
  }
  EXPECT_EQ(files, 21) << "seven headers in three languages";
}

TEST(Exercises, JacobiEndsInItsOutputAfterAnyNumberOfSteps) {
  for (const char* file : {"jacobi.cpp", "jacobi.cu", "jacobi.cl"}) {
    for (int64_t steps = 1; steps <= 4; ++steps) {
      const auto planned = plan_file(file, {{"rows", 100}, {"cols", 70}, {"steps", steps}});
      const auto& calls = planned.plan->calls;
      ASSERT_EQ(calls.size(), static_cast<size_t>(steps));
      EXPECT_EQ(calls.front().arguments[0].tensor, 0);
      EXPECT_EQ(calls.back().arguments[1].tensor, 1);
      for (size_t i = 1; i < calls.size(); ++i) {
        EXPECT_EQ(calls[i].arguments[0].tensor, calls[i - 1].arguments[1].tensor);
      }
    }
  }
}

TEST(Exercises, SplitKCoversTheSumInTwoLaunchesOrIntoAZeroedOutput) {
  const auto two = plan_file("split_k.cpp");
  ASSERT_EQ(two.plan->calls.size(), 5U);
  int64_t covered = 0;
  for (size_t part = 0; part < 4; ++part) {
    EXPECT_EQ(two.plan->calls[part].arguments[6].integer, covered);
    covered = two.plan->calls[part].arguments[7].integer;
  }
  EXPECT_EQ(covered, 1000);
  EXPECT_EQ(plan_file("split_k_atomic.cu").plan->zeroed, std::vector<int>{2});
  EXPECT_EQ(plan_file("split_k.cu").plan->calls[1].grid[0], 28);
}

TEST(Exercises, PackedWeightsArePreparedOnceAndReadOnlyAfterwards) {
  for (const char* file : {"w4a16.cpp", "w4a16.cu", "w4a16.cl"}) {
    const auto planned = plan_file(file);
    EXPECT_EQ(planned.plan->prepare.size(), 1U);
    EXPECT_EQ(planned.plan->prepared, std::vector<int>{4});
    EXPECT_EQ(planned.plan->stubs[1].types[1].substr(0, 6), "const ");
  }
}

TEST(Exercises, TheCompilerAgreesWithTheHeadersOfCpp) {
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".cpp") continue;
    const auto planned = plan_file(entry.path().filename().string());
    const fs::path source = fs::path(testing::TempDir()) / "kbench_exercise.cpp";
    std::ofstream(source) << planned.kernel.source << "\n" << cpp_tail(*planned.plan);
    std::string command = "c++ -std=c++20 -fsyntax-only -I" KBENCH_SOURCE_DIR "/harness/include";
    for (const auto& [tensor, dtype] : planned.task.variants[0].dtypes) {
      command += " -D" + tensor + "_t=" + std::string(cpp_name_of(dtype));
    }
    for (const auto& [name, value] : planned.plan->defines) {
      command += " -D" + name + "=" + std::to_string(value);
    }
    EXPECT_EQ(std::system((command + " " + source.string()).c_str()), 0) << entry.path();
  }
}

}  // namespace
}  // namespace kbench
