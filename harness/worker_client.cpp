#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/paths.hpp"
#include "core/process.hpp"
#include "core/sandbox.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

namespace {

using Clock = std::chrono::steady_clock;

// Spinning sees the end of a batch within tens of ns; beyond this a batch is long enough to sleep.
constexpr std::chrono::milliseconds kSpin{20};
constexpr std::chrono::microseconds kLook{200};  // how often a spin checks that the worker lives

void signal_process(int pidfd, int number) {
  syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0);
}

bool has_ended(int pidfd) {
  pollfd descriptor{pidfd, POLLIN, 0};
  return poll(&descriptor, 1, 0) > 0;
}

// The worker's number outside its own process namespace.
pid_t outer_process(int pidfd) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(pidfd));
  for (std::string key; info >> key;) {
    pid_t process = 0;
    if (key == "Pid:" && info >> process) return process;
  }
  return 0;
}

Fault crashed(std::string rule, std::string message) {
  return {Outcome::crashed, std::move(rule), std::move(message)};
}

Fault fault_of_signal(int number, const ControlPage& page, const std::vector<std::string>& names) {
  const auto tensor = static_cast<size_t>(page.fault_tensor);
  const std::string name = tensor < names.size() ? names[tensor] : "a tensor";
  if (number == SIGSEGV || number == SIGBUS) {
    switch (static_cast<FaultPlace>(page.fault_place)) {
      case FaultPlace::input:
        return {Outcome::input_modified, "write_to_input", "writes to its input " + name};
      case FaultPlace::behind_tensor:
        return {Outcome::out_of_bounds, "guard_page", "accesses memory past the end of " + name};
      case FaultPlace::before_tensor:
        return {Outcome::out_of_bounds, "guard_page",
                "accesses memory before the start of " + name};
      case FaultPlace::stack:
        return crashed("stack_overflow", "overflows its stack of 8 MiB");
      case FaultPlace::elsewhere:
        break;
    }
    return crashed("segfault", "accesses memory that is not its own (segmentation fault)");
  }
  if (number == SIGABRT)
    return crashed("abort", "aborts (an assertion, an exception or no memory)");
  if (number == SIGILL) return crashed("illegal_instruction", "executes an illegal instruction");
  if (number == SIGFPE) return crashed("arithmetic", "divides an integer by zero");
  if (number == SIGKILL) {
    return {Outcome::resource_limit, "killed", "was killed by the system: out of memory?"};
  }
  return crashed("signal", std::string("dies of signal ") + strsignal(number));
}

Fault fault_of_status(int status, const ControlPage& page, const std::vector<std::string>& names) {
  if (WIFSIGNALED(status)) return fault_of_signal(WTERMSIG(status), page, names);
  return crashed("exited",
                 "ends its process with exit code " + std::to_string(WEXITSTATUS(status)));
}

// The server's end of the judge; shared by its workers, so that it outlives them.
struct Connection {
  Companion server;
  int socket = -1;
  Connection(Companion companion, int end) : server(std::move(companion)), socket(end) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(socket); }
};

// One forked process with its control memory.
class Process {
 public:
  Process(std::shared_ptr<Connection> connection, SharedMemory control, int32_t inner, int pidfd,
          std::vector<std::string> names)
      : connection_(std::move(connection)),
        control_(std::move(control)),
        inner_(inner),
        pidfd_(pidfd),
        outer_(outer_process(pidfd)),
        names_(std::move(names)) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (!reaped_) {
      signal_process(pidfd_, SIGKILL);
      reap();
    }
    close(pidfd_);
  }

  ControlPage& page() const { return *static_cast<ControlPage*>(control_.at(0)); }
  int64_t* slices() const { return static_cast<int64_t*>(control_.at(kControlBytes)); }
  pid_t outer() const { return outer_; }

  Judged<void> await_load(std::chrono::milliseconds deadline) {
    if (auto answered = await(
            page().done, [](uint32_t done) { return done != kLoading; }, Clock::now() + deadline,
            "while it is loaded");
        !answered) {
      return answered;
    }
    if (page().done.load() != kReady) {
      char message[sizeof page().message];
      std::memcpy(message, page().message, sizeof message);
      message[sizeof message - 1] = '\0';
      return fault(Outcome::launch_error, "load", std::string("cannot be loaded: ") + message);
    }
    stop();
    return {};
  }

  // Arms the worker, releases it and awaits the end; ns between release and end by this clock.
  Judged<double> request(std::chrono::milliseconds deadline) {
    if (reaped_) return fault(Outcome::crashed, "dead", "has died before");
    const uint32_t number = ++request_;
    ControlPage& shared = page();
    shared.request.store(number, std::memory_order_release);
    signal_process(pidfd_, SIGCONT);
    wake(shared.request);
    const auto limit = Clock::now() + deadline;
    auto equals = [number](uint32_t value) { return value == number; };
    if (auto armed = await(shared.armed, equals, limit, "before it starts"); !armed) {
      return tl::unexpected(armed.error());
    }
    const auto begin = Clock::now();
    shared.go.store(number, std::memory_order_release);
    auto done = await(shared.done, equals, limit, "running");
    const auto end = Clock::now();
    if (!done) return tl::unexpected(done.error());
    stop();
    return std::chrono::duration<double, std::nano>(end - begin).count();
  }

 private:
  void stop() { signal_process(pidfd_, SIGSTOP); }

  int reap() {
    ServerRequest reap{ServerRequest::Kind::reap, inner_, 0};
    ServerAnswer answer;
    reaped_ = true;
    if (!send_message(connection_->socket, &reap, sizeof reap) ||
        !receive_message(connection_->socket, &answer, sizeof answer)) {
      return SIGKILL;  // the server is gone, and its workers with it
    }
    return answer.status;
  }

  template <class Reached>
  Judged<void> await(const std::atomic<uint32_t>& word, Reached reached, Clock::time_point limit,
                     const char* when) {
    const auto begin = Clock::now();
    auto next_look = begin + kLook;
    while (true) {
      const uint32_t value = word.load(std::memory_order_acquire);
      if (reached(value)) return {};
      const auto now = Clock::now();
      if (now >= next_look) {
        next_look = now + kLook;
        if (has_ended(pidfd_)) {
          const int status = reap();
          return tl::unexpected(fault_of_status(status, page(), names_));
        }
        if (now >= limit) {
          signal_process(pidfd_, SIGKILL);
          reap();
          return fault(Outcome::timeout, "deadline",
                       std::string("is not done at its deadline (") + when + ")");
        }
      }
      if (now - begin > kSpin) {
        wait_while(word, value, 5'000'000);
      } else {
        __builtin_ia32_pause();
      }
    }
  }

  std::shared_ptr<Connection> connection_;
  SharedMemory control_;
  int32_t inner_;
  int pidfd_;
  pid_t outer_;
  std::vector<std::string> names_;
  uint32_t request_ = kFirstRequest;
  bool reaped_ = false;
};

class NativeWorker final : public Worker {
 public:
  explicit NativeWorker(std::unique_ptr<Process> process) : process_(std::move(process)) {}

  Judged<double> run(std::span<const int> order, std::chrono::milliseconds deadline) override {
    if (order.size() > ControlPage::kMostSets) {
      return fault(Outcome::internal_error, "batch", "a batch has too many calls");
    }
    ControlPage& page = process_->page();
    page.kind = static_cast<uint32_t>(RequestKind::batch);
    page.count = static_cast<uint32_t>(order.size());
    std::copy(order.begin(), order.end(), page.order);
    return process_->request(deadline);
  }
  Judged<double> prepare(int set, std::chrono::milliseconds deadline) override {
    ControlPage& page = process_->page();
    page.kind = static_cast<uint32_t>(RequestKind::prepare);
    page.set = set;
    return process_->request(deadline);
  }
  int64_t cpu_time_ns() const override {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(process_->outer(), &clock) != 0 || clock_gettime(clock, &time) != 0)
      return 0;
    return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  }
  int threads() const override {
    std::ifstream status("/proc/" + std::to_string(process_->outer()) + "/status");
    for (std::string key; status >> key;) {
      int threads = 0;
      if (key == "Threads:" && status >> threads) return threads;
    }
    return 0;
  }

 private:
  std::unique_ptr<Process> process_;
};

class NativeReferenceWorker final : public WorkerServer::ReferenceWorker {
 public:
  explicit NativeReferenceWorker(std::unique_ptr<Process> process) : process_(std::move(process)) {}

  Judged<void> run(const WorkerServer::ReferenceCall& call,
                   std::chrono::milliseconds deadline) override {
    ControlPage& page = process_->page();
    for (size_t first = 0; first < call.slices.size(); first += kMostSlices) {
      const size_t count = std::min(call.slices.size() - first, kMostSlices);
      page.kind = static_cast<uint32_t>(RequestKind::reference);
      page.group = call.group;
      page.set = call.set;
      page.count = static_cast<uint32_t>(count);
      std::copy_n(call.slices.begin() + static_cast<std::ptrdiff_t>(first), count,
                  process_->slices());
      if (auto ran = process_->request(deadline); !ran) return tl::unexpected(ran.error());
    }
    return {};
  }

 private:
  std::unique_ptr<Process> process_;
};

// Where the worker program lies: beside this one, or where the tests say.
std::string worker_program() {
  const char* given = std::getenv("KBENCH_WORKER");
  return given != nullptr ? given : program_folder() + "/kbench-worker";
}

class NativeServer final : public WorkerServer {
 public:
  Result<void> connect() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
      return environment_error(std::string("no socket for the worker server: ") +
                               std::strerror(errno));
    }
    const std::string program = worker_program();
    if (find_program(program).empty()) {
      close(ends[0]);
      close(ends[1]);
      return environment_error("the worker program is missing", program,
                               "build the target kbench-worker beside kbench");
    }
    SandboxSpec sandbox;
    sandbox.read_only = {program};
    sandbox.descriptors = {3};
    std::vector<std::string> command = sandbox_command(sandbox);
    command.push_back(program);
    auto companion = Companion::start(command, {{ends[1], 3}});
    close(ends[1]);
    if (!companion) {
      close(ends[0]);
      return tl::unexpected(companion.error());
    }
    connection_ = std::make_shared<Connection>(std::move(*companion), ends[0]);
    return {};
  }

  Judged<std::unique_ptr<Worker>> load(const std::string& image_path,
                                       const std::vector<LaunchPlan>& plans,
                                       const WorkerMemory& memory,
                                       const WorkerLimits& limits) override {
    LoadMessage message;
    message.memory = memory;
    message.limits = limits;
    message.plans = plans;
    auto process = fork_worker(image_path, message, -1);
    if (!process) return tl::unexpected(process.error());
    return std::make_unique<NativeWorker>(std::move(*process));
  }

  Judged<std::unique_ptr<ReferenceWorker>> load_reference(const std::string& image_path,
                                                          const ReferenceMemory& memory,
                                                          const WorkerLimits& limits) override {
    LoadMessage message;
    message.memory = memory.sets;
    message.limits = limits;
    message.is_reference = true;
    message.value_offsets = memory.value_offsets;
    message.scale_offsets = memory.scale_offsets;
    message.dims = memory.dims;
    message.scalars = memory.scalars;
    auto process = fork_worker(image_path, message, memory.expected_fd);
    if (!process) return tl::unexpected(process.error());
    return std::make_unique<NativeReferenceWorker>(std::move(*process));
  }

  std::string sandbox() const override { return sandbox_level() + "+seccomp"; }

 private:
  Judged<std::unique_ptr<Process>> fork_worker(const std::string& image_path,
                                               const LoadMessage& message, int expected);
  Judged<std::unique_ptr<Process>> try_fork(const std::vector<int>& descriptors,
                                            SharedMemory& control, const LoadMessage& message);

  std::shared_ptr<Connection> connection_;
};

Judged<std::unique_ptr<Process>> NativeServer::try_fork(const std::vector<int>& descriptors,
                                                        SharedMemory& control,
                                                        const LoadMessage& message) {
  ServerRequest request{ServerRequest::Kind::fork, 0, control.bytes()};
  ServerAnswer answer;
  int pidfd = -1;
  if (!send_message(connection_->socket, &request, sizeof request, descriptors.data(),
                    descriptors.size()) ||
      !receive_message(connection_->socket, &answer, sizeof answer, &pidfd, 1) || pidfd < 0) {
    return fault(Outcome::internal_error, "server", "the worker server does not answer");
  }
  return std::make_unique<Process>(connection_, std::move(control), answer.process, pidfd,
                                   message.memory.names);
}

Judged<std::unique_ptr<Process>> NativeServer::fork_worker(const std::string& image_path,
                                                           const LoadMessage& message,
                                                           int expected) {
  const std::string encoded = encode(message);
  const size_t fixed = kControlBytes + kMostSlices * sizeof(int64_t);
  for (int attempt = 0;; ++attempt) {
    auto control = SharedMemory::create("kbench-control", fixed + encoded.size());
    if (!control) return fault(Outcome::internal_error, "memory", control.error().text());
    std::memcpy(control->at(fixed), encoded.data(), encoded.size());
    const int image = open(image_path.c_str(), O_RDONLY | O_CLOEXEC);
    if (image < 0) {
      return fault(Outcome::internal_error, "image", "the compiled image is gone: " + image_path);
    }
    std::vector<int> descriptors = {control->descriptor(), image, message.memory.inputs_fd,
                                    message.memory.outputs_fd};
    if (expected >= 0) descriptors.push_back(expected);
    auto process = try_fork(descriptors, *control, message);
    close(image);
    if (!process && attempt == 0) {
      // A server that died takes its workers along; a new one serves the next candidates.
      if (auto again = connect(); !again) {
        return fault(Outcome::internal_error, "server", again.error().text());
      }
      continue;
    }
    if (!process) return process;
    if (auto loaded = (*process)->await_load(message.limits.load); !loaded) {
      return tl::unexpected(loaded.error());
    }
    return process;
  }
}

}  // namespace

Result<std::unique_ptr<WorkerServer>> WorkerServer::start() {
  auto server = std::make_unique<NativeServer>();
  if (auto connected = server->connect(); !connected) return tl::unexpected(connected.error());
  return std::unique_ptr<WorkerServer>(std::move(server));
}

}  // namespace kbench
