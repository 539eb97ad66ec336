#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <span>

namespace kbench {

// What judge and worker say to each other (docs/protocol.md, "judge and worker"). The control page
// is shared memory: whatever the judge reads there may have been written by the candidate.

inline constexpr size_t kPageBytes = 4096;
inline constexpr int kServerSocket = 3;      // where kbench-worker finds its socket
inline constexpr int kMaxOrder = 4096;       // sets in one batch
inline constexpr int kMaxSlices = 16384;     // slices in one call of a reference
inline constexpr uint32_t kLoadRequest = 1;  // the load itself is the first request

enum class Request : int32_t { run, prepare, touch, reference, energy };

// Words for people about a death; they never decide a verdict.
struct CrashReport {
  int32_t signal;
  int32_t memory_refused;  // an allocation failed
  int32_t read_clock;      // the faulting instruction reads the processor's counter
  uint64_t address, stack_pointer;
  uint64_t stack_low;  // where the main thread's stack ends
};

// What a GPU's own clock and its driver say of the last request. The worker's host code is ours.
struct DeviceReport {
  double events_ns;    // between the events around the batch
  double host_ns;      // from the release of the stream until the device stood still
  uint32_t clock_mhz;  // of the multiprocessors, just after; 0: unknown
  uint32_t highest_clock_mhz;
  uint32_t held_down;  // by power or heat
  uint32_t replayed;   // from a graph, not launched one by one
  double joules;       // Request::energy: of the batch; 0: not counted
};

struct ControlPage {
  // From the judge. `order` and `go` are written once the worker is ready, so that before the clock
  // starts nobody knows which sets a batch visits.
  alignas(64) std::atomic<uint32_t> request;  // number of the newest request; futex
  Request kind;
  int32_t set, group, slices_count;
  alignas(64) std::atomic<uint32_t> go;  // number of the request that may start
  int32_t order_count;
  std::atomic<uint32_t> judge_sleeps;
  // From the worker.
  alignas(64) std::atomic<uint32_t> ready;  // number of the request it stands ready for
  alignas(64) std::atomic<uint32_t> done;   // number of the last request finished; futex
  int32_t load_failed;
  CrashReport crash;
  char message[512];  // why loading failed; or what the emulated device, OpenCL or a GPU found
  DeviceReport device;
  // From the judge.
  int32_t order[kMaxOrder];
  int64_t slices[kMaxSlices];
};
inline constexpr size_t kControlBytes =
    (sizeof(ControlPage) + kPageBytes - 1) / kPageBytes * kPageBytes;

// What a library of host code for GPUs exports beside its stubs: the stream that it is to work in,
// which the worker sets, and a text that it writes where it cannot.
inline constexpr const char *kHostStream = "kbench_stream", *kHostFailure = "kbench_failure";

// The setup follows the control page in the same file, read-only to the worker: a header and arrays
// of plain records. All addresses were chosen by the judge.
struct Array {
  uint64_t offset = 0, count = 0;  // from the header's start
};
struct MappedRegion {
  uint64_t address = 0, bytes = 0, offset = 0;  // whole pages
  uint32_t writable = 0, expected = 0;          // which file
};
struct SetupCall {
  uint32_t stub = 0;
  uint64_t pointers = 0, integers = 0, reals = 0;  // first index in the arrays
};
struct SetupRange {
  uint64_t address = 0, bytes = 0;
};
struct SetupSet {
  uint32_t cold = 0;                      // on a GPU: what was copied in must not lie in its cache
  Array calls, prepare, zeroed, touched;  // `offset` is the first index in the array of that name
};
struct Setup {
  uint32_t is_reference = 0, any_library = 0, clock = 0, emulated = 0, opencl = 0, hip = 0;
  int32_t gpu = -1;  // its number, of CUDA's unless `hip`; -1: none
  int32_t threads = 1;
  uint64_t stubs = 0;
  uint64_t address_space_bytes = 0;
  uint64_t base = 0, bytes = 0;  // reserved without access; regions lie in it, guards between them
  Array cpus;                    // int32_t
  Array regions;                 // MappedRegion
  Array sets;                    // SetupSet
  Array calls, prepare;          // SetupCall
  Array zeroed, touched;         // SetupRange
  Array pointers, integers, reals;
  // OpenCL and GPUs: for each stub the kernel's name and a letter for each argument
  // (harness/opencl_types.hpp), both ended by a zero.
  Array entries;
  // References: pointers holds each set's tensors, then the values, then the scales.
  uint64_t tensors = 0;
  Array dims, scalars;
};

template <class Record>
std::span<const Record> records(const Setup& setup, Array array) {
  const auto* bytes = reinterpret_cast<const char*>(&setup) + array.offset;
  return {reinterpret_cast<const Record*>(bytes), array.count};
}

// Over the socket of kbench-worker: one byte with the descriptors of a new worker, answered by its
// process descriptor, or by none and an errno.
struct LoadReply {
  int32_t error = 0;
};
enum LoadDescriptor {
  setup_file,
  inputs_file,
  outputs_file,
  image_file,
  status_channel,
  expected_file,  // references only
  load_descriptors
};

inline long futex_wait(std::atomic<uint32_t>& word, uint32_t value, const timespec* timeout) {
  return syscall(SYS_futex, &word, FUTEX_WAIT, value, timeout, nullptr, 0);
}
inline long futex_wake(std::atomic<uint32_t>& word) {
  return syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace kbench
