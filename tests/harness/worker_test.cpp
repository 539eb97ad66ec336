#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "tests/harness/worker_fixture.hpp"

namespace kbench {
namespace {

using ::testing::HasSubstr;

constexpr const char* kDouble = R"(
  static void kernel(const float* x, float* y, int n) {
    for (int i = 0; i < n; ++i) y[i] = 2 * x[i];
  })";

TEST_F(WorkerTest, RunsTheSetsItIsAskedForAndNoOther) {
  auto worker = load(kDouble);
  ASSERT_TRUE(worker.has_value()) << worker.error().message;
  auto time = (*worker)->run(std::vector<int>{1}, kDeadline);
  ASSERT_TRUE(time.has_value()) << time.error().message;
  EXPECT_GT(*time, 0);
  EXPECT_EQ(y(1)[5], 210.0f);
  EXPECT_TRUE(std::isnan(y(0)[5])) << "the other set was touched";
  ASSERT_TRUE((*worker)->run(std::vector<int>{1, 0}, kDeadline).has_value());
  EXPECT_EQ(y(0)[5], 10.0f);
}

TEST_F(WorkerTest, SeesNewInputsBetweenRuns) {
  auto worker = load(kDouble);
  ASSERT_TRUE(worker.has_value());
  for (const float value : {1.0f, 2.0f, 3.0f}) {
    x(0)[0] = value;
    ASSERT_TRUE((*worker)->run(std::vector<int>{0}, kDeadline).has_value());
    EXPECT_EQ(y(0)[0], 2 * value);
  }
}

TEST_F(WorkerTest, IsStoppedBetweenRuns) {
  auto worker = load(kDouble);
  ASSERT_TRUE(worker.has_value());
  ASSERT_TRUE((*worker)->run(std::vector<int>{0}, kDeadline).has_value());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const int64_t before = (*worker)->cpu_time_ns();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ((*worker)->cpu_time_ns(), before);
  EXPECT_GT(before, 0);
  EXPECT_EQ((*worker)->threads(), 1);
}

TEST_F(WorkerTest, ZeroesTensorsBeforeEachCall) {
  plan_.zeroed = {1};
  auto worker = load(
      "static void kernel(const float* x, float* y, int n) { for (int i = 0; i < n; ++i) y[i] += "
      "x[i]; }");
  ASSERT_TRUE(worker.has_value());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE((*worker)->run(std::vector<int>{0}, kDeadline).has_value());
    EXPECT_EQ(y(0)[9], 9.0f);
  }
}

TEST_F(WorkerTest, RunsEachSetByItsOwnPlan) {
  LaunchPlan shorter = plan_;
  shorter.calls[0].arguments[2].integer = 10;
  memory_.plan_of_set[1] = 1;
  auto worker = server_->load(image(kDouble), {plan_, shorter}, memory_, limits_);
  ASSERT_TRUE(worker.has_value());
  ASSERT_TRUE((*worker)->run(std::vector<int>{0, 1}, kDeadline).has_value());
  EXPECT_EQ(y(0)[999], 1998.0f);
  EXPECT_EQ(y(1)[9], 218.0f);
  EXPECT_TRUE(std::isnan(y(1)[10]));
}

TEST_F(WorkerTest, PreparesOnceAndThenRuns) {
  plan_.prepare.push_back(call());
  plan_.calls.clear();
  auto worker = load(kDouble);
  ASSERT_TRUE(worker.has_value());
  ASSERT_TRUE((*worker)->run(std::vector<int>{0}, kDeadline).has_value());
  EXPECT_TRUE(std::isnan(y(0)[1]));
  ASSERT_TRUE((*worker)->prepare(0, kDeadline).has_value());
  EXPECT_EQ(y(0)[1], 2.0f);
}

TEST_F(WorkerTest, SeveralLiveBesideEachOther) {
  auto one = load(kDouble), other = load(kDouble);
  ASSERT_TRUE(one.has_value() && other.has_value());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE((*one)->run(std::vector<int>{0}, kDeadline).has_value());
    ASSERT_TRUE((*other)->run(std::vector<int>{1}, kDeadline).has_value());
  }
}

TEST_F(WorkerTest, UsesThreadsWhereTheProblemAllowsThem) {
  limits_.threads = 2;
  auto worker = load(
      R"(#include <omp.h>
      static void kernel(const float* x, float* y, int n) {
        #pragma omp parallel for
        for (int i = 0; i < n; ++i) y[i] = omp_get_num_threads();
      })",
      {"-O1", "-fopenmp"});
  ASSERT_TRUE(worker.has_value()) << worker.error().message;
  auto ran = (*worker)->run(std::vector<int>{0}, kDeadline);
  ASSERT_TRUE(ran.has_value()) << ran.error().message;
  EXPECT_EQ(y(0)[0], 2.0f);
  EXPECT_EQ((*worker)->threads(), 2);
}

TEST_F(WorkerTest, AnImageThatLacksItsEntryPointIsALaunchError) {
  plan_.stubs.resize(2);
  auto worker = load(kDouble);
  ASSERT_FALSE(worker.has_value());
  EXPECT_EQ(worker.error().outcome, Outcome::launch_error);
  EXPECT_THAT(worker.error().message, HasSubstr("kbench_stub_1"));
}

TEST_F(WorkerTest, ReferencesFillExpectedValuesForTheSlicesAsked) {
  CompileRequest request;
  request.source = R"(
    #include <stdint.h>
    extern "C" __attribute__((visibility("default"))) void kbench_reference(
        int group, const int64_t* slices, int64_t count, const void* const* tensors,
        double* const* values, float* const* scales, const int64_t* dims, const double* scalars) {
      for (int64_t s = 0; s < count; ++s) {
        values[1][slices[s]] = ((const float*)tensors[0])[slices[s]] * scalars[0] + group;
        scales[1][slices[s]] = dims[0] + (tensors[1] == nullptr);
      }
    })";
  auto image = compiler_->compile(request);
  ASSERT_TRUE(image.has_value() && image->status == CompileStatus::ok);
  auto expected = SharedMemory::create("expected", 16384);
  WorkerServer::ReferenceMemory memory;
  memory.sets = memory_;
  for (auto& set : memory.sets.regions) set[1] = Region{};
  memory.expected_fd = expected->descriptor();
  memory.value_offsets = {SIZE_MAX, 64};
  memory.scale_offsets = {SIZE_MAX, 9000};
  memory.dims = {41};
  memory.scalars = {0.5};
  auto reference = server_->load_reference(image->path, memory, limits_);
  ASSERT_TRUE(reference.has_value()) << reference.error().message;
  ASSERT_TRUE((*reference)->run({7, {3, 5}, 1}, kDeadline).has_value());
  auto* values = static_cast<double*>(expected->at(64));
  EXPECT_EQ(values[3], 58.5);
  EXPECT_EQ(values[4], 0.0);
  EXPECT_EQ(values[5], 59.5);
  EXPECT_EQ(static_cast<float*>(expected->at(9000))[3], 42.0f);

  std::vector<int64_t> many(40'000, 3);
  many.back() = 6;
  ASSERT_TRUE((*reference)->run({0, many, 0}, kDeadline).has_value());
  EXPECT_EQ(values[6], 3.0);
}

// Numbers of this process's own children.
std::set<pid_t> children() {
  std::ifstream file("/proc/thread-self/children");
  return {std::istream_iterator<pid_t>(file), {}};
}

TEST_F(WorkerTest, AServerThatDiesIsReplaced) {
  const std::set<pid_t> before = children();
  auto server = WorkerServer::start();
  ASSERT_TRUE(server.has_value());
  auto worker = (*server)->load(image(kDouble), {plan_}, memory_, limits_);
  ASSERT_TRUE(worker.has_value());
  for (const pid_t child : children()) {
    if (before.count(child) == 0) kill(child, SIGKILL);
  }
  auto lost = (*worker)->run(std::vector<int>{0}, kDeadline);
  for (int i = 0; i < 100 && lost; ++i) {
    lost = (*worker)->run(std::vector<int>{0}, kDeadline);
  }
  EXPECT_FALSE(lost.has_value());
  auto next = (*server)->load(image(kDouble), {plan_}, memory_, limits_);
  ASSERT_TRUE(next.has_value()) << next.error().message;
  EXPECT_TRUE((*next)->run(std::vector<int>{0}, kDeadline).has_value());
}

}  // namespace
}  // namespace kbench
