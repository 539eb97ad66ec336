#include "harness/worker_child.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "harness/task.hpp"
#include "harness/worker_files.hpp"
#include "harness/worker_gpu.hpp"
#include "harness/worker_opencl.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

namespace {

using StubFunction = void (*)(void* const*, const int64_t*, const double*);

constexpr size_t kStackBytes = size_t{8} << 20;
constexpr size_t kSignalStackBytes = size_t{64} << 10;

ControlPage* control = nullptr;
const Setup* setup = nullptr;
// Where the C library's clocks read, once that is unmapped.
uintptr_t clocks_begin = UINTPTR_MAX, clocks_end = 0;

void finish(uint32_t number) {
  control->done.store(number);
  if (control->judge_sleeps.load() != 0) futex_wake(control->done);
}

[[noreturn]] void fail_to_load(const std::string& why) {
  std::snprintf(control->message, sizeof control->message, "%s", why.c_str());
  control->load_failed = 1;
  finish(kLoadRequest);
  for (;;) pause();
}

// ---- Before the candidate

void* map_file(int file, size_t offset, size_t bytes, int protection, int flags, void* address) {
  void* mapped = mmap(address, bytes, protection, flags, file, static_cast<off_t>(offset));
  if (mapped == MAP_FAILED) {
    if (control != nullptr) fail_to_load(std::string("cannot map tensors: ") + strerror(errno));
    _exit(1);
  }
  return mapped;
}

void map_setup(int file) {
  struct stat status {};
  fstat(file, &status);
  control = static_cast<ControlPage*>(
      map_file(file, 0, kControlBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, nullptr));
  setup = static_cast<const Setup*>(map_file(file, kControlBytes,
                                             static_cast<size_t>(status.st_size) - kControlBytes,
                                             PROT_READ, MAP_SHARED | MAP_POPULATE, nullptr));
}

// Everything between the regions stays without access: a step past a tensor's pages is a signal.
void map_regions(const std::vector<int>& files) {
  if (setup->bytes == 0) return;
  map_file(-1, 0, setup->bytes, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
           reinterpret_cast<void*>(setup->base));
  for (const MappedRegion& region : records<MappedRegion>(*setup, setup->regions)) {
    const int file = region.expected != 0   ? files[expected_file]
                     : region.writable != 0 ? files[outputs_file]
                                            : files[inputs_file];
    map_file(file, region.offset, region.bytes,
             region.writable != 0 ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED | MAP_FIXED,
             reinterpret_cast<void*>(region.address));
  }
}

void limit(__rlimit_resource what, rlim_t value) {
  const rlimit both{value, value};
  setrlimit(what, &both);
}

rlim_t address_space_used() {
  unsigned long pages = 0;
  if (FILE* statm = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(statm, "%lu", &pages) != 1) pages = 0;
    std::fclose(statm);
  }
  return pages * kPageBytes;
}

void set_limits() {
  limit(RLIMIT_AS, address_space_used() + setup->address_space_bytes);
  limit(RLIMIT_STACK, kStackBytes);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, 64);
  limit(RLIMIT_MEMLOCK, 0);
}

void set_threads() {
  const std::string threads = std::to_string(setup->threads);
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "DNNL_NUM_THREADS"}) {
    setenv(name, threads.c_str(), 1);
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  const auto wanted = records<int32_t>(*setup, setup->cpus);
  for (const int32_t cpu : wanted) CPU_SET(static_cast<size_t>(cpu), &cpus);
  if (!wanted.empty()) sched_setaffinity(0, sizeof cpus, &cpus);
}

// Says where it hurt, then lets the signal do its work: the faulting instruction runs again.
void report_crash(int signal, siginfo_t* info, void* context) {
  const auto* machine = static_cast<const ucontext_t*>(context);
  control->crash.address = reinterpret_cast<uint64_t>(info->si_addr);
#if defined(__x86_64__)
  control->crash.stack_pointer = static_cast<uint64_t>(machine->uc_mcontext.gregs[REG_RSP]);
#elif defined(__aarch64__)
  control->crash.stack_pointer = machine->uc_mcontext.sp;
#endif
  const auto at = reinterpret_cast<uintptr_t>(info->si_addr);
  control->crash.read_clock = static_cast<int32_t>(at >= clocks_begin && at < clocks_end);
#if defined(__x86_64__)
  // rdtsc or rdtscp, of the candidate's own or in the C library's clocks.
  const auto* code = reinterpret_cast<const unsigned char*>(machine->uc_mcontext.gregs[REG_RIP]);
  const bool at_data = info->si_addr == static_cast<const void*>(code);
  if (signal == SIGSEGV && !at_data) {
    control->crash.read_clock |= (code[0] == 0x0F && code[1] == 0x31) ||
                                 (code[0] == 0x0F && code[1] == 0x01 && code[2] == 0xF9);
  }
#endif
  control->crash.signal = signal;
}

void report_refused_memory() {
  control->crash.memory_refused = 1;
  throw std::bad_alloc();
}

void watch_for_crashes() {
  stack_t stack{};
  stack.ss_size = kSignalStackBytes;
  stack.ss_sp =
      mmap(nullptr, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = report_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(signal, &action, nullptr);
  std::set_new_handler(report_refused_memory);
  control->crash.stack_low = reinterpret_cast<uint64_t>(&stack) - kStackBytes;
}

// Whoever can tell timed calls from verified ones by the pauses between them can be wrong in one
// and right in the other. Fine clocks, the C library's too, read the processor's counter, and that
// now faults; coarse ones lie on pages that are unmapped.
void take_clocks_away() {
#if defined(__x86_64__)
  prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
#endif
  FILE* maps = std::fopen("/proc/self/maps", "r");
  char line[512];
  while (maps != nullptr && std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin = 0, end = 0;
    if (std::strstr(line, "[vvar") == nullptr) continue;
    if (std::sscanf(line, "%lx-%lx", &begin, &end) == 2) {
      munmap(reinterpret_cast<void*>(begin), end - begin);
      // Nothing may come to lie here: a clock read would go unnoticed.
      if (mmap(reinterpret_cast<void*>(begin), end - begin, PROT_NONE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
        fail_to_load("cannot take the clocks away");
      }
      clocks_begin = std::min<uintptr_t>(clocks_begin, begin);
      clocks_end = std::max<uintptr_t>(clocks_end, end);
    }
  }
  if (maps != nullptr) std::fclose(maps);
}

// ---- The candidate

void* load_image() {
  void* library =
      dlopen(("/proc/self/fd/" + std::to_string(kServerSocket)).c_str(), RTLD_NOW | RTLD_LOCAL);
  close(kServerSocket);
  if (library == nullptr) fail_to_load(dlerror());
  return library;
}

void* symbol(void* library, const std::string& name) {
  void* found = dlsym(library, name.c_str());
  if (found == nullptr) fail_to_load("the image does not export " + name);
  return found;
}

uint32_t await_request(uint32_t last) {
  uint32_t now = 0;
  while ((now = control->request.load()) == last) futex_wait(control->request, last, nullptr);
  return now;
}

// False when the judge thought better of it and asks for something else.
bool await_go(uint32_t number) {
  control->ready.store(number);
  if (control->judge_sleeps.load() != 0) futex_wake(control->ready);
  for (int spins = 0; control->go.load() != number; ++spins) {
    if (control->request.load() != number) return false;
    // Long before this the judge's word has come, unless both run on one core.
    if (spins > 1'000) sched_yield();
    relax();
  }
  return true;
}

void check_opencl(cl_int answer, const char* where) {
  if (answer == CL_SUCCESS) return;
  std::snprintf(control->message, sizeof control->message, "opencl: %s: %s", where,
                opencl_error(answer).c_str());
  std::abort();
}

struct Kernel {
  std::vector<StubFunction> stubs;
  std::span<const SetupSet> sets;
  std::span<const SetupCall> calls, prepare;
  std::span<const SetupRange> zeroed, touched;
  std::span<void* const> pointers;
  std::span<const int64_t> integers;
  std::span<const double> reals;
  void (*next_batch)(uint32_t) = nullptr;  // of the emulated device: another order of threads
  uint32_t batches = 0;
  const OpenclKernels* opencl = nullptr;  // instead of stubs

  void call(const SetupCall& it) const {
    void* const* tensors = pointers.data() + it.pointers;
    const int64_t* whole = integers.data() + it.integers;
    const double* real = reals.data() + it.reals;
    if (opencl == nullptr) return stubs[it.stub](tensors, whole, real);
    check_opencl(opencl->call(it.stub, tensors, whole, real), "the launch");
  }
  void run(const SetupSet& set) const {
    for (const SetupRange& range : zeroed.subspan(set.zeroed.offset, set.zeroed.count)) {
      std::memset(reinterpret_cast<void*>(range.address), 0, range.bytes);
    }
    for (const SetupCall& it : calls.subspan(set.calls.offset, set.calls.count)) call(it);
    finish_calls();
  }
  void finish_calls() const {
    if (opencl != nullptr) check_opencl(opencl->finish(), "clFinish");
  }
};

// Page table entries for all of a set, so that the first timed call does not pay for them.
void touch(const Kernel& kernel, const SetupSet& set) {
  for (const SetupRange& range : kernel.touched.subspan(set.touched.offset, set.touched.count)) {
    void* begin = reinterpret_cast<void*>(range.address);
    if (madvise(begin, range.bytes, MADV_POPULATE_WRITE) == 0) continue;
    if (madvise(begin, range.bytes, MADV_POPULATE_READ) == 0) continue;  // an input
    for (size_t at = 0; at < range.bytes; at += kPageBytes) {            // before Linux 5.14
      static_cast<void>(static_cast<const volatile char*>(begin)[at]);
    }
  }
}

[[noreturn]] void serve_kernel(Kernel kernel) {
  const auto sets = kernel.sets;
  for (uint32_t number = kLoadRequest;;) {
    number = await_request(number);
    if (control->kind == Request::touch) {
      touch(kernel, sets[static_cast<size_t>(control->set)]);
    } else if (!await_go(number)) {
      continue;
    } else if (control->kind == Request::prepare) {
      const SetupSet& set = sets[static_cast<size_t>(control->set)];
      for (const SetupCall& it : kernel.prepare.subspan(set.prepare.offset, set.prepare.count)) {
        kernel.call(it);
      }
      kernel.finish_calls();
    } else {
      const int count = control->order_count;
      if (kernel.next_batch != nullptr) kernel.next_batch(kernel.batches++);
      for (int i = 0; i < count; ++i) kernel.run(sets[static_cast<size_t>(control->order[i])]);
    }
    finish(number);
  }
}

// Our own code, and a driver that opens, maps and starts what it likes: no right is given away. The
// candidate runs on the GPU only.
[[noreturn]] void serve_gpu() {
  prctl(PR_SET_DUMPABLE, 1);  // drivers look at themselves through /proc
  auto kernels = GpuKernels::open(kServerSocket, *setup, *control);
  if (!kernels) fail_to_load(kernels.error().what);
  finish(kLoadRequest);
  for (uint32_t number = kLoadRequest;;) {
    number = await_request(number);
    if (control->kind != Request::touch && !await_go(number)) continue;
    if (control->kind == Request::prepare) kernels->prepare(control->set);
    const std::span order(control->order, static_cast<size_t>(control->order_count));
    if (control->kind == Request::run) kernels->run(order);
    if (control->kind == Request::energy) kernels->measure_energy(order);
    finish(number);
  }
}

[[noreturn]] void serve_reference(ReferenceFunction reference) {
  const auto pointers = records<void*>(*setup, setup->pointers);
  const auto tensors = static_cast<size_t>(setup->tensors);
  const size_t sets = setup->sets.count;
  auto* values = reinterpret_cast<double* const*>(pointers.data() + sets * tensors);
  auto* scales = reinterpret_cast<float* const*>(pointers.data() + (sets + 1) * tensors);
  for (uint32_t number = kLoadRequest;;) {
    number = await_request(number);
    reference(control->group, control->slices, control->slices_count,
              pointers.data() + static_cast<size_t>(control->set) * tensors, values, scales,
              records<int64_t>(*setup, setup->dims).data(),
              records<double>(*setup, setup->scalars).data());
    finish(number);
  }
}

Kernel kernel_of(void* library) {
  Kernel kernel;
  for (uint64_t i = 0; library != nullptr && i < setup->stubs; ++i) {
    kernel.stubs.push_back(
        reinterpret_cast<StubFunction>(symbol(library, "kbench_stub_" + std::to_string(i))));
  }
  kernel.sets = records<SetupSet>(*setup, setup->sets);
  kernel.calls = records<SetupCall>(*setup, setup->calls);
  kernel.prepare = records<SetupCall>(*setup, setup->prepare);
  kernel.zeroed = records<SetupRange>(*setup, setup->zeroed);
  kernel.touched = records<SetupRange>(*setup, setup->touched);
  kernel.pointers = records<void*>(*setup, setup->pointers);
  kernel.integers = records<int64_t>(*setup, setup->integers);
  kernel.reals = records<double>(*setup, setup->reals);
  return kernel;
}

// Tells the emulated device where to report defects, and what memory a kernel may touch.
void connect_emulated(void* library, Kernel& kernel) {
  using Connect = void (*)(char*, size_t, uint64_t, uint64_t, const void*, size_t);
  auto* connect = reinterpret_cast<Connect>(symbol(library, "kbench_simt_connect"));
  connect(control->message, sizeof control->message, setup->base, setup->bytes,
          kernel.touched.data(), kernel.touched.size());
  kernel.next_batch = reinterpret_cast<void (*)(uint32_t)>(symbol(library, "kbench_simt_batch"));
}

}  // namespace

void live_as_worker(const std::vector<int>& descriptors, const WorkerFilters& filters) noexcept {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  map_setup(descriptors[setup_file]);
  map_regions(descriptors);
  dup2(descriptors[image_file], kServerSocket);
  close_range(kServerSocket + 1, ~0U, 0);
  if (setup->gpu >= 0) serve_gpu();
  set_limits();
  set_threads();
  Result<OpenclKernels> opencl;  // drivers read files and clocks, and catch signals
  if (setup->opencl != 0) opencl = OpenclKernels::open(kServerSocket, *setup);
  if (!opencl) fail_to_load(opencl.error().what);
  watch_for_crashes();
  if (setup->clock == 0) take_clocks_away();
  if (setup->is_reference == 0 && setup->any_library == 0 && landlock_version() > 0 &&
      !allow_only_files_of(kServerSocket)) {
    fail_to_load("the system refuses to restrict files");
  }
  const WorkerFilter& filter = setup->clock == 0     ? filters.timeless
                               : setup->threads == 1 ? filters.single_threaded
                                                     : filters.multi_threaded;
  if (!filter.install(getpid())) fail_to_load("the system refuses a seccomp filter");

  if (setup->opencl != 0) {
    Kernel kernel = kernel_of(nullptr);
    kernel.opencl = &*opencl;
    finish(kLoadRequest);
    serve_kernel(std::move(kernel));
  }
  void* library = load_image();
  if (setup->is_reference != 0) {
    auto* reference = reinterpret_cast<ReferenceFunction>(symbol(library, kReferenceSymbol));
    finish(kLoadRequest);
    serve_reference(reference);
  }
  Kernel kernel = kernel_of(library);
  if (setup->emulated != 0) connect_emulated(library, kernel);
  finish(kLoadRequest);
  serve_kernel(std::move(kernel));
}

}  // namespace kbench
