#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/memory.hpp"
#include "harness/outcome.hpp"
#include "harness/plan.hpp"

namespace kbench {

// Memory a worker sees: R tensor sets in two files. Tensors are numbered as in LaunchPlan (task
// tensors, then buffers).
struct WorkerMemory {
  int inputs_fd = -1;   // sealed: read-only for workers
  int outputs_fd = -1;  // outputs, inouts, buffers
  // regions[set][tensor]; `writable` says which file. Sets of several problems may lie in one
  // memory.
  std::vector<std::vector<Region>> regions;
  std::vector<int> plan_of_set;    // which of the plans given to load() runs on this set
  std::vector<bool> cold;          // per set; GPUs only, absent: warm
  std::vector<std::string> names;  // of tensors, for messages: "write past the end of y"
};

struct WorkerLimits {
  std::chrono::milliseconds load{5'000};         // dlopen and constructors
  size_t address_space_bytes = size_t{8} << 30;  // beyond the mapped tensors
  bool any_library = false;  // may load libraries beyond those of the compiler: vendor baselines
  bool clock = false;        // may read the time; threads may always: OpenMP's libraries do
  bool emulated = false;     // the image runs threads of a GPU (docs/emulated.md)
  bool opencl = false;       // the image is a folder for OpenCL's drivers
  int gpu = -1;              // the number of the one that the image is for; its clock is used
  std::string gpu_language;  // "cuda" or "hip": whose number
  int threads = 1;           // that the kernel may use (OMP_NUM_THREADS), with CPUs below
  std::vector<int> cpus;     // affinity; empty: inherited
};

// What makes working outside the clock worthless, in the judge's mapping of the tensors.
struct Precautions {
  struct Element {
    void* at = nullptr;
    uint64_t value = 0;
    size_t bytes = 0;
    void write() const { std::memcpy(at, &value, bytes); }
  };
  // Elements of inputs that hold something else until the worker stands ready: a candidate that
  // works ahead works on what will not be.
  std::vector<Element> late_inputs;
  // Bytes of outputs that may not change after the worker said that it was done.
  std::vector<const char*> watched;
};

// One candidate in its own sandboxed process, forked from the device's warm server. Not
// thread-safe.
class Worker {
 public:
  virtual ~Worker() = default;

  // Page table entries for all of a set, so that its first call does not pay for them. Before the
  // set's inputs are renewed: the time this takes is nobody's.
  virtual Judged<void> touch(int set, std::chrono::milliseconds deadline) = 0;
  // Calls the plan once for each set of `order`, in that order, and returns the judge's wall time
  // between release and completion in ns. Afterwards the worker stands still (SIGSTOP) until the
  // next call, so outputs can be looked at undisturbed. A deadline, a signal or an exit is a Fault.
  virtual Judged<double> run(std::span<const int> order, std::chrono::milliseconds deadline,
                             const Precautions& precautions = {}) = 0;
  // Runs plan.prepare once on the set's constants; ns.
  virtual Judged<double> prepare(int set, std::chrono::milliseconds deadline) = 0;
  // CPU time in ns of all its threads so far, by the kernel's account; and how many threads live.
  virtual int64_t cpu_time_ns() const = 0;
  virtual int threads() const = 0;
  // Of a GPU after the last run; what is unknown is 0.
  struct GpuReport {
    unsigned mhz = 0, highest_mhz = 0;
    bool held_down = false;  // by power or heat
    bool replayed = false;   // from a graph
  };
  virtual GpuReport gpu_report() const = 0;
  // Joules of a GPU for calling the plan once for each set of `order`; 0: not counted. Seconds.
  virtual Judged<double> joules(std::span<const int> order, std::chrono::milliseconds deadline) = 0;
  // What the emulated device found doubtful in the last run: no defect as long as results are
  // right.
  virtual std::optional<Fault> doubt() = 0;
};

// The warm fork server of the native device: one kbench-worker process in its sandbox.
class WorkerServer {
 public:
  virtual ~WorkerServer() = default;
  static Result<std::unique_ptr<WorkerServer>> start();
  // Forks a worker that maps `memory`, loads the image and waits. One plan per problem: the same
  // stubs, other integers; the verification ladder and the timed problem share a worker.
  virtual Judged<std::unique_ptr<Worker>> load(const std::string& image_path,
                                               const std::vector<LaunchPlan>& plans,
                                               const WorkerMemory& memory,
                                               const WorkerLimits& limits) = 0;

  // A worker that runs a reference (harness/task.hpp's ReferenceFunction).
  struct ReferenceCall {
    int group = 0;
    std::vector<int64_t> slices;
    int set = 0;
  };
  // Expected values (double) and scales (float) go to files that only the judge and this worker
  // map: offsets per task tensor, SIZE_MAX for inputs.
  struct ReferenceMemory {
    WorkerMemory sets;
    int expected_fd = -1;
    std::vector<size_t> value_offsets, scale_offsets;
    std::vector<int64_t> dims;
    std::vector<double> scalars;
  };
  class ReferenceWorker {
   public:
    virtual ~ReferenceWorker() = default;
    virtual Judged<void> run(const ReferenceCall& call, std::chrono::milliseconds deadline) = 0;
  };
  virtual Judged<std::unique_ptr<ReferenceWorker>> load_reference(const std::string& image_path,
                                                                  const ReferenceMemory& memory,
                                                                  const WorkerLimits& limits) = 0;
  // What the sandbox in force guarantees: "bwrap+seccomp+rlimits", "seccomp+rlimits (no user
  // namespaces)".
  virtual std::string sandbox() const = 0;
};

}  // namespace kbench
