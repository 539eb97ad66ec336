#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "backends/compiler.hpp"
#include "backends/device.hpp"
#include "harness/ceilings.hpp"
#include "harness/device_lock.hpp"
#include "harness/problem_context.hpp"

namespace kbench {

// The warm state of a judge: tasks read, references compiled, and the tensor sets of the task at
// hand, kept from candidate to candidate. tasks() and ladder_of() are thread-safe; the rest is the
// judge's own thread's.
class BenchSession {
 public:
  static Result<std::unique_ptr<BenchSession>> start(const std::string& tasks_folder,
                                                     const std::string& cache, uint64_t seed);

  Compiler& compiler() { return *compiler_; }
  Compiler& compiler(const Device& device, const std::string& language);
  WorkerServer& server() { return *server_; }
  // What the kernels of the next requests are loaded on. A GPU is locked as long as the session
  // lives; an Error says who holds it.
  Result<void> use_device(const Device& device);
  const Device& device() const { return device_; }
  Arena& arena() { return *arena_; }
  std::mt19937_64& random() { return random_; }

  Result<const Task*> task(const std::string& name);
  // The verification problems of a task for the variant and threads of `problem`, cheapest first.
  static std::vector<Problem> ladder_of(const Task& task, const Problem& problem);

  // Contexts of the ladder, made on first use; one tensor set per fill of the task.
  Result<std::vector<ProblemContext*>> ladder(const Task& task, const Problem& problem);
  // The timed problem's context, with held sets to audit by; replaces those before, but a problem
  // that is far smaller is kept beside one.
  Result<ProblemContext*> timed(const Task& task, const Problem& problem);
  // A problem seen once, such as a held-out shape. Goes before anything opened earlier.
  Result<std::unique_ptr<ProblemContext>> open_once(const Task& task, const Problem& problem,
                                                    const RingSpec& ring);

  // One tensor set of one rung gets a new seed: a rolling pool that no kernel can learn.
  void roll(const Task& task, const Problem& problem);

  // New seeds for every set of the ladder and for the timed problem: what a confirmation is held
  // on.
  Result<void> renew(const Task& task, const Problem& problem);

  // Of the device in use.
  Result<Ceilings> ceilings(int threads);
  // Measures them again and keeps the higher figures; a few times a session, then what is known.
  Result<Ceilings> raise_ceilings(int threads);
  // For a kernel on the device in use; its file says whether it may link libraries.
  WorkerLimits worker_limits(int threads, const KernelFile& kernel) const;
  // For a kernel of the emulated device: shadows of its memory need room.
  WorkerLimits emulated_limits() const;

 private:
  BenchSession() = default;
  Result<std::string> reference_image(const Task& task, const std::string& variant);
  Result<void> use(const Task& task, const Problem& problem);
  WorkerLimits reference_limits(int threads) const;

  Device device_;
  std::map<std::string, DeviceLock> gpu_locks_;  // by the place on the bus
  std::string tasks_folder_;
  std::string cache_folder_;
  std::unique_ptr<Compiler> compiler_;
  std::mutex compilers_mutex_;
  std::map<std::string, std::unique_ptr<Compiler>> compilers_;  // of other devices, by name
  std::unique_ptr<WorkerServer> server_;
  std::unique_ptr<Arena> arena_;
  std::mt19937_64 random_;
  std::mutex tasks_mutex_;
  std::map<std::string, std::unique_ptr<Task>, std::less<>> tasks_;
  std::map<std::string, std::string> reference_images_;  // by task/variant
  std::map<int, Ceilings> ceilings_;
  int raises_left_ = 3;

  std::string open_for_;  // task/variant/threads of the ladder below
  std::vector<std::unique_ptr<ProblemContext>> ladder_;
  Arena::Mark after_ladder_;
  std::vector<std::unique_ptr<ProblemContext>> timed_;  // at most two, the larger first
  size_t rolled_ = 0;
};

}  // namespace kbench
