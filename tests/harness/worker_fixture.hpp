#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "backends/compiler.hpp"
#include "harness/cores.hpp"
#include "harness/environment.hpp"
#include "harness/memory.hpp"
#include "harness/worker.hpp"

namespace kbench {

// A server, a compiler and a memory of two sets, for kernels `void kernel(const float* x, float* y,
// int n)` that are compiled and run for real.
class WorkerTest : public ::testing::Test {
 protected:
  static constexpr size_t kElements = 1000, kBytes = kElements * sizeof(float), kSets = 2;
  static constexpr std::chrono::milliseconds kDeadline{5'000};

  static void SetUpTestSuite() {
    if (std::getenv("KBENCH_WORKER") == nullptr) {
      setenv("KBENCH_WORKER", KBENCH_BINARY_DIR "/kbench-worker", 1);
    }
    char name[] = "/tmp/kbench-worker-test-XXXXXX";
    folder_ = mkdtemp(name);
    compiler_ = make_cpp_compiler(folder_, KBENCH_SOURCE_DIR "/harness/include");
    auto server = WorkerServer::start();
    ASSERT_TRUE(server.has_value()) << server.error().text();
    server_ = std::move(*server);
  }
  static void TearDownTestSuite() {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  void SetUp() override {
    // As in the judge: who waits for a worker does not share its core.
    bind_to(cores_.rest);
    inputs_ = std::make_unique<SharedMemory>(*SharedMemory::create("inputs", 1 << 20));
    outputs_ = std::make_unique<SharedMemory>(*SharedMemory::create("outputs", 1 << 20));
    memory_.inputs_fd = inputs_->descriptor();
    memory_.outputs_fd = outputs_->descriptor();
    memory_.names = {"x", "y"};
    for (size_t set = 0; set < kSets; ++set) {
      const size_t offset = set * 8192;
      memory_.regions.push_back({{offset, kBytes, false}, {offset, kBytes, true}});
      memory_.plan_of_set.push_back(0);
      for (size_t i = 0; i < kElements; ++i) x(set)[i] = static_cast<float>(100 * set + i);
      std::memset(y(set), 0xFF, kBytes);
    }
    ASSERT_TRUE(inputs_->seal_future_writes().has_value());
    limits_ = limits();
    limits_.address_space_bytes = size_t{1} << 30;
    plan_.stubs.resize(1);
    plan_.calls.push_back(call());
  }

  WorkerLimits limits() const {
    WorkerLimits limits;
    limits.cpus = cores_.timing;
    return limits;
  }
  static PlannedCall call() {
    PlannedCall call;
    for (const int tensor : {0, 1}) {
      call.arguments.emplace_back();
      call.arguments.back().kind = Argument::Kind::pointer;
      call.arguments.back().tensor = tensor;
    }
    call.arguments.emplace_back();
    call.arguments.back().integer = kElements;
    return call;
  }
  float* x(size_t set) const { return static_cast<float*>(inputs_->at(set * 8192)); }
  float* y(size_t set) const { return static_cast<float*>(outputs_->at(set * 8192)); }

  // `text` defines kernel().
  static std::string image(const std::string& text, std::vector<std::string> flags = {"-O1"}) {
    CompileRequest request;
    request.source = text + R"(
      #include <stdint.h>
      extern "C" __attribute__((visibility("default")))
      void kbench_stub_0(void* const* p, const int64_t* i, const double*) {
        kernel((const float*)p[0], (float*)p[1], (int)i[0]);
      })";
    request.flags = std::move(flags);
    auto compiled = compiler_->compile(request);
    EXPECT_TRUE(compiled.has_value() && compiled->status == CompileStatus::ok)
        << (compiled ? compiled->log : compiled.error().text());
    return compiled ? compiled->path : "";
  }
  Judged<std::unique_ptr<Worker>> load(const std::string& text,
                                       std::vector<std::string> flags = {"-O1"}) {
    return server_->load(image(text, std::move(flags)), {plan_}, memory_, limits_);
  }
  // Loads a kernel and runs it on the first set: how that ends.
  Judged<double> life_of(const std::string& text, std::chrono::milliseconds deadline = kDeadline) {
    auto worker = load(text);
    if (!worker) return tl::unexpected(worker.error());
    return (*worker)->run(std::vector<int>{0}, deadline);
  }
  static inline std::string folder_;
  static inline std::unique_ptr<Compiler> compiler_;
  static inline std::unique_ptr<WorkerServer> server_;
  const Cores cores_ = share_cores(this_cpu().allowed, 1);
  std::unique_ptr<SharedMemory> inputs_, outputs_;
  WorkerMemory memory_;
  WorkerLimits limits_;
  LaunchPlan plan_;
};

}  // namespace kbench
