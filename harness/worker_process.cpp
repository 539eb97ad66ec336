#include "harness/worker_process.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/text.hpp"
#include "harness/gpu_fault.hpp"
#include "harness/simt_fault.hpp"

namespace kbench {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Sleeping costs some 50 us at the end of a batch; beyond this length that no longer shows.
constexpr nanoseconds kSpin = milliseconds(50);
constexpr nanoseconds kNap = milliseconds(1);
constexpr nanoseconds kReadySpin = milliseconds(2);  // to stand ready, or for an untimed request
// Between waking and being seen ready a worker copies nothing and calls nothing: more CPU time than
// this, time after time, means that the candidate works before the clock starts. Where others want
// the cores the judge may see it late, and a worker that spins meanwhile burns time: many attempts.
constexpr int64_t kIdleCpuNs = 60'000;
constexpr int kReadyAttempts = 100;
// Threads beyond those allowed that a library may start before a bomb is recognised.
constexpr int kThreadSlack = 32;
constexpr milliseconds kDying{2'000};

// "Pid:" of a pidfd, in this process's own numbering.
pid_t pid_of(int process) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(process));
  std::string word;
  pid_t pid = -1;
  while (info >> word) {
    if (word == "Pid:") info >> pid;
  }
  return pid;
}

void send_signal(int process, int signal) {
  syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0);
}

}  // namespace

Descriptor::~Descriptor() {
  if (descriptor_ >= 0) close(descriptor_);
}

WorkerProcess::WorkerProcess(SharedMemory control, WorkerLayout layout, Descriptor process,
                             Descriptor status, bool may_spin, int threads)
    : control_(std::move(control)),
      layout_(std::move(layout)),
      process_(std::move(process)),
      status_(std::move(status)),
      may_spin_(may_spin),
      threads_allowed_(threads),
      pid_(pid_of(process_.get())) {}

WorkerProcess::~WorkerProcess() {
  send_signal(process_.get(), SIGKILL);
  if (!dead_) death(static_cast<int>(kDying.count()));
}

Judged<void> WorkerProcess::await_load(milliseconds deadline) {
  if (auto loaded = await(page().done, kLoadRequest, Clock::now() + deadline, microseconds(0));
      !loaded) {
    if (loaded.error().rule == "deadline") {
      loaded.error().message = "does not finish loading: its constructors run too long";
    }
    return loaded;
  }
  if (page().load_failed == 0) return {};
  if (auto known = gpu_fault(message(), layout_, 0)) {
    return kill_for(known->outcome, known->rule, known->message);
  }
  return kill_for(Outcome::launch_error, "load", "cannot be loaded: " + as_text(message()));
}

// What the worker left there; it may still be writing.
std::string WorkerProcess::message() {
  char text[sizeof(ControlPage::message)];
  std::memcpy(text, page().message, sizeof text);
  text[sizeof text - 1] = '\0';
  return text;
}

Judged<void> WorkerProcess::perform(Request kind, int set, milliseconds deadline) {
  if (dead_) return tl::unexpected(*dead_);
  ask(kind, set);
  auto done =
      await(page().done, number_, Clock::now() + deadline, may_spin_ ? kReadySpin : nanoseconds(0));
  if (done) stop();
  return done;
}

Judged<double> WorkerProcess::time(Request kind, int set, std::span<const int> order,
                                   milliseconds deadline, const Precautions& precautions) {
  if (dead_) return tl::unexpected(*dead_);
  if (order.size() > static_cast<size_t>(kMaxOrder)) {
    return fault(Outcome::internal_error, "order", "a batch has more sets than a message holds");
  }
  bool idle = false;
  for (int attempt = 0; !idle; ++attempt) {
    if (attempt == kReadyAttempts) {
      return kill_for(Outcome::suspicious, "work_before_start",
                      "burns CPU time between calls, before the clock starts");
    }
    auto ready = stand_ready(kind, set, Clock::now() + deadline);
    if (!ready) return tl::unexpected(ready.error());
    idle = *ready || device_clock_;  // threads of a driver may work
    if (!idle) stop();               // so that waking up is part of every attempt
  }
  std::copy(order.begin(), order.end(), page().order);
  page().order_count = static_cast<int32_t>(order.size());
  for (const Precautions::Element& input : precautions.late_inputs) input.write();
  const auto begin = Clock::now();
  page().go.store(number_);
  auto done = await(page().done, number_, begin + deadline, may_spin_ ? kSpin : nanoseconds(0));
  const auto end = Clock::now();
  if (!done) return tl::unexpected(done.error());
  // Stopping takes microseconds in which a worker that lied could finish its work.
  std::string seen;
  for (const char* byte : precautions.watched) seen += *static_cast<const volatile char*>(byte);
  stop();
  await_standstill();
  for (size_t i = 0; i < seen.size(); ++i) {
    if (*precautions.watched[i] == seen[i]) continue;
    return kill_for(Outcome::suspicious, "late_write",
                    "writes its outputs after it said that it was done");
  }
  const double judged_ns = std::chrono::duration<double, std::nano>(end - begin).count();
  return device_clock_ ? device_time(judged_ns) : judged_ns;
}

// Events can err by a microsecond or so; by more they do not measure what the host saw.
Judged<double> WorkerProcess::device_time(double judged_ns) {
  constexpr double kSlack = 1.05, kSlackNs = 20'000;
  const DeviceReport report = page().device;
  for (const double bound : {report.host_ns > 0 ? report.host_ns : judged_ns, judged_ns}) {
    if (report.events_ns <= bound * kSlack + kSlackNs) continue;
    return kill_for(Outcome::suspicious, "host_clock",
                    fmt::format("the GPU's events give {:.0f} us to a batch that took {:.0f} us by "
                                "the host's clock",
                                report.events_ns / 1e3, bound / 1e3));
  }
  return report.events_ns;
}

Judged<bool> WorkerProcess::stand_ready(Request kind, int set, Clock::time_point deadline) {
  const int64_t before = cpu_time_ns();
  ask(kind, set);
  const nanoseconds spin = may_spin_ ? kReadySpin : nanoseconds(0);
  if (auto ready = await(page().ready, number_, deadline, spin); !ready) {
    return tl::unexpected(ready.error());
  }
  return cpu_time_ns() - before < kIdleCpuNs;
}

void WorkerProcess::ask(Request kind, int set) {
  page().kind = kind;
  page().set = set;
  page().request.store(++number_);
  futex_wake(page().request);
  resume();
}

Judged<void> WorkerProcess::await(std::atomic<uint32_t>& word, uint32_t number,
                                  Clock::time_point deadline, nanoseconds spin) {
  constexpr int kLooks = 64;  // at the word between two at the clock
  const auto begin = Clock::now();
  auto next_look = begin + milliseconds(1);
  for (auto now = begin; now - begin < spin; now = Clock::now()) {
    for (int i = 0; i < kLooks; ++i) {
      if (word.load() == number) return {};
      relax();
    }
    if (now < next_look) continue;
    if (auto alive = look_after(deadline); !alive) return alive;
    next_look = now + milliseconds(1);
  }
  page().judge_sleeps.store(1);
  Judged<void> alive;
  for (uint32_t seen = word.load(); seen != number && alive; seen = word.load()) {
    const timespec nap{0, kNap.count()};
    futex_wait(word, seen, &nap);
    if (word.load() != number) alive = look_after(deadline);
  }
  page().judge_sleeps.store(0);
  return alive;
}

Judged<void> WorkerProcess::look_after(Clock::time_point deadline) {
  if (const auto status = death(0)) return tl::unexpected(died(*status));
  if (!device_clock_ && threads() > threads_allowed_ + kThreadSlack) {
    return kill_for(Outcome::resource_limit, "threads",
                    fmt::format("starts more threads than the {} it may use", threads_allowed_));
  }
  if (Clock::now() < deadline) return {};
  return kill_for(Outcome::timeout, "deadline", "does not return in time");
}

std::optional<int> WorkerProcess::death(int wait_ms) {
  pollfd event{status_.get(), POLLIN, 0};
  if (poll(&event, 1, wait_ms) <= 0) return std::nullopt;
  int status = 0;
  if (recv(status_.get(), &status, sizeof status, 0) == sizeof status) return status;
  return SIGKILL;  // the server is gone, and its workers with it
}

std::optional<Fault> WorkerProcess::doubt() {
  return emulated_image_.empty() ? std::nullopt : simt_fault("note", message(), emulated_image_);
}

Fault WorkerProcess::died(int status) {
  const std::string said = message();
  if (!emulated_image_.empty()) dead_ = simt_fault("simt", said, emulated_image_);
  if (said.starts_with("opencl: ")) dead_ = Fault{Outcome::launch_error, "opencl", as_text(said)};
  if (!dead_) dead_ = gpu_fault(said, layout_, page().crash.address);
  if (!dead_ && device_clock_ && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) {
    dead_ =
        Fault{Outcome::crashed, "device",
              "the GPU's runtime ended the worker, as AMD's does where memory is touched that a "
              "kernel was not given"};
  }
  if (dead_) return *dead_;
  dead_ = fault_of_death(status, page().crash, layout_);
  return *dead_;
}

tl::unexpected<Fault> WorkerProcess::kill_for(Outcome outcome, std::string rule,
                                              std::string message) {
  send_signal(process_.get(), SIGKILL);
  death(static_cast<int>(kDying.count()));
  dead_ = Fault{outcome, std::move(rule), std::move(message)};
  return tl::unexpected(*dead_);
}

void WorkerProcess::stop() {
  send_signal(process_.get(), SIGSTOP);
  stopped_ = true;
}

// A stopped worker burns no CPU time; one that sleeps cannot wake but to stop.
void WorkerProcess::await_standstill() {
  const auto begin = Clock::now();
  for (int64_t before = -1, now = cpu_time_ns(); now != before && Clock::now() - begin < kDying;) {
    const auto look = Clock::now() + microseconds(1);
    while (Clock::now() < look) relax();
    before = std::exchange(now, cpu_time_ns());
  }
}

void WorkerProcess::resume() {
  if (stopped_) send_signal(process_.get(), SIGCONT);
  stopped_ = false;
}

int64_t WorkerProcess::cpu_time_ns() const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
  return int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

int WorkerProcess::threads() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::atoi(line.c_str() + sizeof "Threads:");
  }
  return 0;
}

}  // namespace kbench
