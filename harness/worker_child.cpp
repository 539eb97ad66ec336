#include <dlfcn.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>

#include "harness/worker_protocol.hpp"

namespace kbench {

namespace {

using StubFunction = void (*)(void* const*, const int64_t*, const double*);

// One call on one set, with its argument arrays made: nothing is computed in the timed loop.
struct BoundCall {
  StubFunction function = nullptr;
  std::vector<void*> pointers;
  std::vector<int64_t> integers;
  std::vector<double> reals;
};
struct BoundSet {
  std::vector<std::pair<void*, size_t>> zeroed;
  std::vector<BoundCall> prepare, calls;
};

ControlPage* control_page = nullptr;

[[noreturn]] void fail(const char* why) {
  std::strncpy(control_page->message, why, sizeof control_page->message - 1);
  control_page->done.store(kLoadFailed, std::memory_order_release);
  wake(control_page->done);
  _exit(1);
}

// Every mapped region with its tensor, for the fault handler: no allocation there.
struct MappedRegion {
  const char* begin;
  const char* end;
  int tensor;
  bool writable;
};
std::vector<MappedRegion> mapped_regions;

FaultPlace place_of(const char* address, const char* stack, int& tensor) {
  for (const MappedRegion& region : mapped_regions) {
    tensor = region.tensor;
    if (address >= region.begin && address < region.end) {
      return region.writable ? FaultPlace::elsewhere : FaultPlace::input;
    }
    if (address >= region.end && address < region.end + kPageBytes)
      return FaultPlace::behind_tensor;
    if (address < region.begin && address >= region.begin - kPageBytes) {
      return FaultPlace::before_tensor;
    }
  }
  // A full stack faults near the stack pointer.
  const bool near_stack = address + 65536 > stack && address < stack + 65536;
  return near_stack ? FaultPlace::stack : FaultPlace::elsewhere;
}

// Leaves word of where it died, then dies of the same signal.
void on_fatal_signal(int number, siginfo_t* info, void* context) {
#if defined(__x86_64__)
  const auto* machine = static_cast<const ucontext_t*>(context);
  const auto* stack = reinterpret_cast<const char*>(machine->uc_mcontext.gregs[REG_RSP]);
#else
  const char* stack = nullptr;
  static_cast<void>(context);
#endif
  int tensor = -1;
  const auto* address = static_cast<const char*>(info->si_addr);
  control_page->fault_place = static_cast<uint32_t>(place_of(address, stack, tensor));
  control_page->fault_tensor = tensor;
  signal(number, SIG_DFL);
  raise(number);
}

void catch_fatal_signals() {
  constexpr size_t kBytes = 64 * 1024;
  static char stack[kBytes];
  stack_t alternate{};
  alternate.ss_sp = stack;
  alternate.ss_size = kBytes;
  sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) sigaction(number, &action, nullptr);
}

size_t whole_pages(size_t bytes) {
  return (std::max<size_t>(bytes, 1) + kPageBytes - 1) / kPageBytes * kPageBytes;
}

// Maps one region with a page without access on either side.
void* map_guarded(int descriptor, const Region& region) {
  const size_t bytes = whole_pages(region.bytes);
  void* reserved = mmap(nullptr, bytes + 2 * kPageBytes, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) fail("no address space for the tensors");
  void* wanted = static_cast<char*>(reserved) + kPageBytes;
  const int access = region.writable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* mapped = mmap(wanted, bytes, access, MAP_SHARED | MAP_FIXED | MAP_POPULATE, descriptor,
                      static_cast<off_t>(region.offset));
  if (mapped == MAP_FAILED) fail("cannot map the tensors");
  return mapped;
}

// Addresses of every tensor of every set; a region that sets share is mapped once.
std::vector<std::vector<void*>> map_sets(const WorkerMemory& memory, int inputs, int outputs,
                                         size_t& mapped_bytes) {
  std::map<std::pair<bool, size_t>, void*> known;
  std::vector<std::vector<void*>> sets;
  for (const auto& regions : memory.regions) {
    sets.emplace_back();
    for (size_t tensor = 0; tensor < regions.size(); ++tensor) {
      const Region& region = regions[tensor];
      void*& address = known[{region.writable, region.offset}];
      if (address == nullptr) {
        address = map_guarded(region.writable ? outputs : inputs, region);
        const size_t whole = whole_pages(region.bytes);
        mapped_bytes += whole + 2 * kPageBytes;
        const auto* begin = static_cast<const char*>(address);
        mapped_regions.push_back({begin, begin + whole, static_cast<int>(tensor), region.writable});
      }
      sets.back().push_back(address);
    }
  }
  return sets;
}

BoundCall bind_call(const PlannedCall& call, const std::vector<StubFunction>& stubs,
               const std::vector<void*>& tensors) {
  BoundCall bound;
  bound.function = stubs[static_cast<size_t>(call.stub)];
  for (const PlannedArgument& argument : call.arguments) {
    switch (argument.kind) {
      case Argument::Kind::pointer:
        bound.pointers.push_back(tensors[static_cast<size_t>(argument.tensor)]);
        break;
      case Argument::Kind::integer32:
      case Argument::Kind::integer64:
      case Argument::Kind::local_bytes:
        bound.integers.push_back(argument.integer);
        break;
      case Argument::Kind::float32:
      case Argument::Kind::float64:
      case Argument::Kind::scalar:
        bound.reals.push_back(argument.real);
        break;
    }
  }
  return bound;
}

void call_all(const std::vector<BoundCall>& calls) {
  for (const BoundCall& call : calls) {
    call.function(call.pointers.data(), call.integers.data(), call.reals.data());
  }
}

void set_limits(const WorkerLimits& limits, size_t mapped_bytes) {
  auto limit = [](auto resource, rlim_t most) {
    const rlimit value{most, most};
    setrlimit(resource, &value);
  };
  limit(RLIMIT_AS, mapped_bytes + limits.address_space_bytes);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_STACK, rlim_t{8} << 20);
  limit(RLIMIT_NOFILE, 32);
  if (!limits.cpus.empty()) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (const int cpu : limits.cpus) CPU_SET(cpu, &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
  }
  setenv("OMP_NUM_THREADS", std::to_string(limits.threads).c_str(), 1);
  setenv("OPENBLAS_NUM_THREADS", std::to_string(limits.threads).c_str(), 1);
}

void* load_image(int image) {
  const std::string path = "/proc/self/fd/" + std::to_string(image);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail(dlerror());
  close(image);
  return library;
}

std::vector<BoundSet> bind_all(void* library, const LoadMessage& message,
                               const std::vector<std::vector<void*>>& sets) {
  std::vector<StubFunction> stubs;
  for (size_t i = 0; i < message.plans.front().stubs.size(); ++i) {
    const std::string name = "kbench_stub_" + std::to_string(i);
    stubs.push_back(reinterpret_cast<StubFunction>(dlsym(library, name.c_str())));
    if (stubs.back() == nullptr) fail("the image lacks its entry point");
  }
  std::vector<BoundSet> bound(sets.size());
  for (size_t set = 0; set < sets.size(); ++set) {
    const LaunchPlan& plan = message.plans[static_cast<size_t>(message.memory.plan_of_set[set])];
    for (const int tensor : plan.zeroed) {
      const auto number = static_cast<size_t>(tensor);
      bound[set].zeroed.emplace_back(sets[set][number], message.memory.regions[set][number].bytes);
    }
    for (const PlannedCall& call : plan.prepare) {
      bound[set].prepare.push_back(bind_call(call, stubs, sets[set]));
    }
    for (const PlannedCall& call : plan.calls) {
      bound[set].calls.push_back(bind_call(call, stubs, sets[set]));
    }
  }
  return bound;
}

// Waits for the judge's next request; spins from arming to release, so that neither is in the time.
uint32_t await_request(uint32_t last) {
  ControlPage& page = *control_page;
  uint32_t request = last;
  while ((request = page.request.load(std::memory_order_acquire)) == last) {
    wait_while(page.request, last, 1'000'000'000);
  }
  page.armed.store(request, std::memory_order_release);
  wake(page.armed);
  while (page.go.load(std::memory_order_acquire) != request) __builtin_ia32_pause();
  return request;
}

void finish(uint32_t request) {
  control_page->done.store(request, std::memory_order_release);
  wake(control_page->done);
}

[[noreturn]] void serve_kernel(const std::vector<BoundSet>& sets) {
  ControlPage& page = *control_page;
  for (uint32_t request = kReady;;) {
    request = await_request(request);
    if (page.kind == static_cast<uint32_t>(RequestKind::prepare)) {
      call_all(sets[static_cast<size_t>(page.set)].prepare);
    } else {
      const uint32_t count = page.count;
      for (uint32_t i = 0; i < count; ++i) {
        const BoundSet& set = sets[static_cast<size_t>(page.order[i])];
        for (const auto& [data, bytes] : set.zeroed) std::memset(data, 0, bytes);
        call_all(set.calls);
      }
    }
    finish(request);
  }
}

[[noreturn]] void serve_reference(void* library, const LoadMessage& message, char* expected,
                                  const int64_t* slices,
                                  const std::vector<std::vector<void*>>& sets) {
  ControlPage& page = *control_page;
  const auto function = reinterpret_cast<ReferenceFunction>(dlsym(library, kReferenceSymbol));
  if (function == nullptr) fail("the reference's image lacks its entry point");
  std::vector<double*> values;
  std::vector<float*> scales;
  for (size_t t = 0; t < message.value_offsets.size(); ++t) {
    const bool output = message.value_offsets[t] != SIZE_MAX;
    values.push_back(output ? reinterpret_cast<double*>(expected + message.value_offsets[t])
                            : nullptr);
    scales.push_back(output ? reinterpret_cast<float*>(expected + message.scale_offsets[t])
                            : nullptr);
  }
  finish(kReady);
  for (uint32_t request = kReady;;) {
    request = await_request(request);
    const std::vector<void*>& set = sets[static_cast<size_t>(page.set)];
    function(page.group, slices, page.count, set.data(), values.data(), scales.data(),
             message.dims.data(), message.scalars.data());
    finish(request);
  }
}

}  // namespace

void serve_worker(int control, int image, int inputs, int outputs, int expected,
                  size_t control_bytes) {
  void* page =
      mmap(nullptr, control_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, control, 0);
  if (page == MAP_FAILED) _exit(1);
  control_page = static_cast<ControlPage*>(page);
  auto* slices = reinterpret_cast<int64_t*>(static_cast<char*>(page) + kControlBytes);
  const char* encoded = static_cast<char*>(page) + kControlBytes + kMostSlices * sizeof(int64_t);
  const LoadMessage message =
      decode_load_message({encoded, control_bytes - kControlBytes - kMostSlices * sizeof(int64_t)});

  size_t mapped_bytes = 0;
  const auto sets = map_sets(message.memory, inputs, outputs, mapped_bytes);
  char* expected_base = nullptr;
  if (expected >= 0) {
    const off_t bytes = lseek(expected, 0, SEEK_END);
    expected_base = static_cast<char*>(
        mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_SHARED, expected, 0));
    if (expected_base == MAP_FAILED) fail("cannot map the expected outputs");
    mapped_bytes += static_cast<size_t>(bytes);
  }
  for (const int descriptor : {control, inputs, outputs, expected}) {
    if (descriptor >= 0) close(descriptor);
  }
  set_limits(message.limits, mapped_bytes + control_bytes);
  catch_fatal_signals();
  if (!lock_down(message.limits.threads > 1)) fail("the system call filter is refused");

  void* library = load_image(image);
  if (message.is_reference) serve_reference(library, message, expected_base, slices, sets);
  const std::vector<BoundSet> bound = bind_all(library, message, sets);
  finish(kReady);
  serve_kernel(bound);
}

}  // namespace kbench
