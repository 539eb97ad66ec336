#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/worker.hpp"

namespace kbench {

// What judge and worker share besides tensors (docs/protocol.md): one memory file a worker. It
// begins with this page; the load message (encoded) follows it. Once a candidate is loaded,
// everything here but what the judge itself wrote is hostile.
struct ControlPage {
  // The judge counts requests up; `go` follows once the worker has armed itself for that request.
  std::atomic<uint32_t> request;
  std::atomic<uint32_t> go;
  // The worker's answers: the number of the request it is ready for, and of the one it has
  // finished.
  std::atomic<uint32_t> armed;
  std::atomic<uint32_t> done;

  uint32_t kind;   // RequestKind
  uint32_t count;  // of sets in `order`; of slices in `slices`
  int32_t group;   // reference
  int32_t set;     // reference, prepare
  // Where it died, for wording only.
  uint32_t fault_place;  // FaultPlace
  int32_t fault_tensor;  // which, for the places that have one
  char message[512];     // why loading failed

  static constexpr uint32_t kMostSets = 8192;
  int32_t order[kMostSets];
};
enum class FaultPlace : uint32_t { elsewhere, stack, before_tensor, behind_tensor, input };
enum class RequestKind : uint32_t { batch, prepare, reference };

inline constexpr size_t kPageBytes = 4096;
inline constexpr size_t kControlBytes =
    (sizeof(ControlPage) + kPageBytes - 1) / kPageBytes * kPageBytes;
// A reference worker's slices follow the load message; at most this many a request.
inline constexpr size_t kMostSlices = 65536;

// Answers of a worker while it loads, as values of `done`.
inline constexpr uint32_t kLoading = 0;
inline constexpr uint32_t kReady = 1;
inline constexpr uint32_t kLoadFailed = 2;
inline constexpr uint32_t kFirstRequest = 16;

// Everything a worker is told before it loads an image.
struct LoadMessage {
  WorkerMemory memory;  // descriptors left out
  WorkerLimits limits;
  std::vector<LaunchPlan> plans;  // calls only; none for a reference
  bool is_reference = false;
  std::vector<size_t> value_offsets, scale_offsets;
  std::vector<int64_t> dims;
  std::vector<double> scalars;
};
std::string encode(const LoadMessage& message);
LoadMessage decode_load_message(std::string_view bytes);

// Server requests over its socket, with their descriptors: fork loads {control, image, inputs,
// outputs, expected} and answers with {process number, pidfd}; reap answers with {wait status} of a
// process that has ended.
struct ServerRequest {
  enum class Kind : uint32_t { fork, reap } kind = Kind::fork;
  int32_t process = 0;
  uint64_t control_bytes = 0;
};
struct ServerAnswer {
  int32_t process = 0;  // fork: 0 when it failed
  int32_t status = 0;
};

// Messages with descriptors over a SOCK_SEQPACKET pair; false when the other end is gone.
bool send_message(int socket, const void* data, size_t bytes, const int* descriptors = nullptr,
                  size_t count = 0);
bool receive_message(int socket, void* data, size_t bytes, int* descriptors = nullptr,
                     size_t count = 0);

// Blocks until *word differs from `seen`, or the time is over.
void wait_while(const std::atomic<uint32_t>& word, uint32_t seen, int64_t nanoseconds);
void wake(const std::atomic<uint32_t>& word);

// The forked child: maps, locks itself in, loads the image, serves requests. Never returns.
[[noreturn]] void serve_worker(int control, int image, int inputs, int outputs, int expected,
                               size_t control_bytes);
// No system call beyond what computing needs; applied before a candidate's constructors run.
bool lock_down(bool threads_allowed);

}  // namespace kbench
