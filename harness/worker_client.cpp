#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "backends/gpu_devices.hpp"
#include "backends/opencl_devices.hpp"
#include "core/paths.hpp"
#include "core/process.hpp"
#include "core/sandbox.hpp"
#include "harness/environment.hpp"
#include "harness/worker_files.hpp"
#include "harness/worker_process.hpp"
#include "harness/worker_socket.hpp"

namespace kbench {

namespace {

constexpr std::chrono::milliseconds kServerPatience{10'000};

std::string worker_program() {
  const char* given = std::getenv("KBENCH_WORKER");
  return given != nullptr ? given : program_folder() + "/kbench-worker";
}

// Both ends of a socket that keeps messages apart.
Result<std::pair<Descriptor, Descriptor>> channel() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return environment_error(std::string("no socket for a worker: ") + std::strerror(errno));
  }
  return std::pair(Descriptor(ends[0]), Descriptor(ends[1]));
}

std::vector<std::string> native_command(const std::string& program) {
  SandboxSpec sandbox;
  sandbox.read_only = opencl_paths();
  sandbox.read_only.push_back(program);
  std::vector<std::string> command = sandbox_command(sandbox);
  command.push_back(program);
  return command;
}

// A running kbench-worker.
class ServerProcess {
 public:
  // `gpu`: the language of one, or empty. Workers for a GPU have a server of their own: no other
  // sees the GPU's files.
  static Result<ServerProcess> start(const std::string& gpu) {
    const std::string program = worker_program();
    if (find_program(program).empty()) {
      return environment_error("kbench-worker not found", program,
                               "build it beside kbench, or name it in KBENCH_WORKER");
    }
    auto ends = channel();
    if (!ends) return tl::unexpected(ends.error());
    const std::vector<std::string> command =
        gpu.empty() ? native_command(program) : gpu_command(gpu, program);
    // Where no namespace hides this process, at least its memory is not to be read through /proc.
    if (!sandbox_level().starts_with("namespaces")) prctl(PR_SET_DUMPABLE, 0);
    auto companion = Companion::start(command, {{ends->second.get(), kServerSocket}});
    if (!companion) return tl::unexpected(companion.error());
    const timeval patience{kServerPatience.count() / 1000, 0};
    setsockopt(ends->first.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return ServerProcess(std::move(*companion), std::move(ends->first));
  }

  // A new worker's pidfd; none when the server has died.
  Descriptor fork_worker(std::span<const int> descriptors) {
    const char byte = 0;
    LoadReply reply;
    std::vector<int> received;
    if (!send_message(socket_.get(), {&byte, 1}, descriptors)) return {};
    if (receive_message(socket_.get(), {reinterpret_cast<char*>(&reply), sizeof reply}, received) <=
            0 ||
        received.empty()) {
      return {};
    }
    return Descriptor(received[0]);
  }

 private:
  ServerProcess(Companion companion, Descriptor socket)
      : companion_(std::move(companion)), socket_(std::move(socket)) {}
  Companion companion_;
  Descriptor socket_;
};

class KernelWorker : public Worker {
 public:
  KernelWorker(std::unique_ptr<WorkerProcess> process, size_t sets)
      : process_(std::move(process)), touched_(sets) {}

  Judged<double> run(std::span<const int> order, std::chrono::milliseconds deadline,
                     const Precautions& precautions) override {
    return process_->time(Request::run, 0, order, deadline, precautions);
  }
  Judged<double> prepare(int set, std::chrono::milliseconds deadline) override {
    return process_->time(Request::prepare, set, {}, deadline, {});
  }
  // On first use only: most candidates fall before they see the timed problem's sets.
  Judged<void> touch(int set, std::chrono::milliseconds deadline) override {
    const auto s = static_cast<size_t>(set);
    if (touched_[s]) return {};
    touched_[s] = true;
    return process_->perform(Request::touch, set, deadline);
  }
  int64_t cpu_time_ns() const override { return process_->cpu_time_ns(); }
  int threads() const override { return process_->threads(); }
  GpuReport gpu_report() const override {
    const DeviceReport& report = process_->page().device;
    return {report.clock_mhz, report.highest_clock_mhz, report.held_down != 0,
            report.replayed != 0};
  }
  Judged<double> joules(std::span<const int> order, std::chrono::milliseconds deadline) override {
    auto ran = process_->time(Request::energy, 0, order, deadline, {});
    if (!ran) return ran;
    return process_->page().device.joules;
  }
  std::optional<Fault> doubt() override { return process_->doubt(); }

 private:
  std::unique_ptr<WorkerProcess> process_;
  std::vector<bool> touched_;
};

class NativeReferenceWorker : public WorkerServer::ReferenceWorker {
 public:
  explicit NativeReferenceWorker(std::unique_ptr<WorkerProcess> process)
      : process_(std::move(process)) {}

  Judged<void> run(const WorkerServer::ReferenceCall& call,
                   std::chrono::milliseconds deadline) override {
    std::span<const int64_t> left(call.slices);
    while (!left.empty()) {
      const auto chunk = left.first(std::min(left.size(), static_cast<size_t>(kMaxSlices)));
      left = left.subspan(chunk.size());
      ControlPage& page = process_->page();
      page.group = call.group;
      page.slices_count = static_cast<int32_t>(chunk.size());
      std::memcpy(page.slices, chunk.data(), chunk.size_bytes());
      if (auto ran = process_->perform(Request::reference, call.set, deadline); !ran) return ran;
    }
    return {};
  }

 private:
  std::unique_ptr<WorkerProcess> process_;
};

class NativeServer : public WorkerServer {
 public:
  explicit NativeServer(ServerProcess server) { servers_.emplace("", std::move(server)); }

  Judged<std::unique_ptr<Worker>> load(const std::string& image_path,
                                       const std::vector<LaunchPlan>& plans,
                                       const WorkerMemory& memory,
                                       const WorkerLimits& limits) override {
    WorkerLayout layout(memory);
    const std::vector<char> setup = kernel_setup(plans, memory, layout, limits);
    auto process = start_worker(image_path, memory, -1, std::move(layout), setup, limits);
    if (!process) return tl::unexpected(process.error());
    return std::make_unique<KernelWorker>(std::move(*process), memory.regions.size());
  }

  Judged<std::unique_ptr<ReferenceWorker>> load_reference(const std::string& image_path,
                                                          const ReferenceMemory& memory,
                                                          const WorkerLimits& limits) override {
    struct stat file {};
    fstat(memory.expected_fd, &file);
    WorkerLayout layout(memory.sets, static_cast<size_t>(file.st_size));
    const std::vector<char> setup = reference_setup(memory, layout, limits);
    auto process =
        start_worker(image_path, memory.sets, memory.expected_fd, std::move(layout), setup, limits);
    if (!process) return tl::unexpected(process.error());
    return std::make_unique<NativeReferenceWorker>(std::move(*process));
  }

  std::string sandbox() const override {
    const std::string& level = sandbox_level();
    const std::string inside =
        landlock_version() > 0 ? "landlock+seccomp+rlimits" : "seccomp+rlimits";
    if (level.starts_with("namespaces")) return "bwrap+" + inside;
    return inside + " (" + level + ")";
  }

 private:
  Judged<std::unique_ptr<WorkerProcess>> start_worker(const std::string& image_path,
                                                      const WorkerMemory& memory, int expected_fd,
                                                      WorkerLayout layout,
                                                      const std::vector<char>& setup,
                                                      const WorkerLimits& limits) {
    auto failed = [](const std::string& what) {
      return fault(Outcome::internal_error, "worker", what);
    };
    auto control = SharedMemory::create("kbench-control", kControlBytes + setup.size());
    if (!control) return failed(control.error().text());
    std::memcpy(control->at(kControlBytes), setup.data(), setup.size());
    static_cast<ControlPage*>(control->at(0))->request.store(kLoadRequest);
    const Descriptor image(open(image_path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!image) return failed("cannot open the image " + image_path);
    auto ends = channel();
    if (!ends) return failed(ends.error().text());
    std::vector<int> descriptors = {control->descriptor(), memory.inputs_fd, memory.outputs_fd,
                                    image.get(), ends->second.get()};
    if (expected_fd >= 0) descriptors.push_back(expected_fd);

    Descriptor process = fork_worker(descriptors, limits.gpu_language);
    if (!process) return failed("kbench-worker does not start a worker");
    ends->second = Descriptor();  // so that the server's end is the only one
    const bool may_spin = static_cast<size_t>(limits.threads) < this_cpu().allowed.size();
    auto worker =
        std::make_unique<WorkerProcess>(std::move(*control), std::move(layout), std::move(process),
                                        std::move(ends->first), may_spin, limits.threads);
    if (limits.emulated) worker->emulate(image_path);
    if (limits.gpu >= 0) worker->use_device_clock();
    if (auto loaded = worker->await_load(limits.load); !loaded) {
      return tl::unexpected(loaded.error());
    }
    return worker;
  }

  // A server that died is replaced, once; that of a GPU is started when one is needed.
  Descriptor fork_worker(std::span<const int> descriptors, const std::string& gpu) {
    std::lock_guard lock(mutex_);
    if (const auto running = servers_.find(gpu); running != servers_.end()) {
      if (Descriptor process = running->second.fork_worker(descriptors)) return process;
      servers_.erase(running);
    }
    auto restarted = ServerProcess::start(gpu);
    if (!restarted) return {};
    return servers_.emplace(gpu, std::move(*restarted)).first->second.fork_worker(descriptors);
  }

  std::mutex mutex_;
  std::map<std::string, ServerProcess> servers_;  // by the language of the GPU, empty for none
};

}  // namespace

Result<std::unique_ptr<WorkerServer>> WorkerServer::start() {
  auto server = ServerProcess::start("");
  if (!server) return tl::unexpected(server.error());
  return std::make_unique<NativeServer>(std::move(*server));
}

}  // namespace kbench
